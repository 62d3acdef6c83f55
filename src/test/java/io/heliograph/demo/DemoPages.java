package io.heliograph.demo;

import java.util.Optional;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

/** Serves the examples: {@code /demo} lists them, {@code /demo/chat} is one. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty("heliograph-demonstration")
class DemoPages {

  @Bean
  RouterFunction<ServerResponse> demoRoutes(DemoBackend backend) {
    return RouterFunctions.route()
        .GET("/demo/token", backend::token)
        .GET("/demo/history", backend::history)
        .add(RouterFunctions.resources(DemoPages::page))
        .onError(
            IllegalArgumentException.class,
            (e, _) -> ServerResponse.badRequest().body(String.valueOf(e.getMessage())))
        .build();
  }

  private static Optional<Resource> page(ServerRequest request) {
    String path = request.path();
    if (!path.matches("/demo(/[a-z]+(\\.js|\\.css)?)?")) {
      return Optional.empty();
    }
    String file = path.equals("/demo") ? "/demo/index" : path;
    Resource page = new ClassPathResource(file.contains(".") ? file : file + ".html");
    return Optional.of(page).filter(Resource::exists);
  }
}

package io.heliograph.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.HeliographApplication;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/**
 * R23: a phone for trying out is a master key, and so is a backend that gives a token to everybody.
 * What is packaged must have nothing of the examples.
 */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = "management.server.port=0")
class NoPhoneInTheProductTests {

  @LocalServerPort int port;
  @Autowired ApplicationContext context;

  private static Path productClasses() throws Exception {
    URI place =
        HeliographApplication.class.getProtectionDomain().getCodeSource().getLocation().toURI();
    return Path.of(place);
  }

  @Test
  void thePackagedClassesAndFilesHaveNoPhone() throws Exception {
    Path product = productClasses();
    try (Stream<Path> files = Files.walk(product)) {
      List<String> names = files.map(file -> "/" + product.relativize(file)).toList();
      assertThat(names).anyMatch(name -> name.endsWith("LoginPages.class"));
      assertThat(names)
          .noneMatch(name -> name.matches("(?i).*(/demo(/.*)?|demophone.*|mock.*|fake.*)"));
    }
  }

  /** The files of the examples are in the test classes, where this looks for them by name. */
  @Test
  void noPackagedFileNamesOrLinksToAnExample() throws Exception {
    Path examples = Path.of(getClass().getResource("/demo/index.html").toURI()).getParent();
    try (Stream<Path> files = Files.list(examples)) {
      assertThat(files).hasSizeGreaterThan(10);
    }
    try (Stream<Path> files = Files.walk(productClasses())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String content = Files.readString(file, StandardCharsets.ISO_8859_1);
        assertThat(content)
            .as(file.toString())
            .doesNotContainPattern("/demo\\b")
            .doesNotContain("io/heliograph/demo", "io.heliograph.demo");
      }
    }
  }

  /** Case 114. */
  @Test
  void everyRouteComesFromThePackagedClassesAndNoneIsAPhones() throws Exception {
    Path product = productClasses();
    var routes =
        context
            .getBean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class)
            .getHandlerMethods();
    assertThat(routes).hasSizeGreaterThan(10);
    routes.forEach(
        (route, handler) -> {
          String source =
              handler.getBeanType().getProtectionDomain().getCodeSource().getLocation().getPath();
          assertThat(source.contains("/test-classes")).as(route + " is of " + source).isFalse();
          assertThat(route.toString()).doesNotContain("/demo/", "mock");
        });
    assertThat(context.getBeansOfType(RouterFunction.class)).isEmpty();
    assertThat(product).exists();
  }

  @Test
  void aRequestForItFindsNothing() throws Exception {
    for (String path :
        List.of(
            "/demo",
            "/demo/chat",
            "/demo/demo.js",
            "/demo/token?user=alice",
            "/demo/history?channel=user:alice",
            "/demo/phone",
            "/demo/phone.js",
            "/demo/phone/camera")) {
      for (String method : List.of("GET", "POST")) {
        var request =
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        assertThat(HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).statusCode())
            .as(method + " " + path)
            .isEqualTo(404);
      }
    }
  }
}

package io.heliograph.transport.http;

import io.heliograph.security.SecurityHeaders;
import io.heliograph.server.ReadExecutor;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.Ordered;
import org.springframework.util.unit.DataSize;
import org.springframework.web.servlet.HandlerExceptionResolver;

/** Serves every {@link HttpEndpoint} bean on the main port. */
@Configuration(proxyBeanMethods = false)
class HttpTransportConfiguration {

  /** Right behind the CORS filter, which answers preflights. */
  private static final int ORDER = Ordered.HIGHEST_PRECEDENCE + 11;

  @Bean
  FilterRegistrationBean<HttpEndpointFilter> httpEndpoints(
      ObjectProvider<HttpEndpoint> endpoints,
      SecurityHeaders headers,
      @Lazy @Qualifier("handlerExceptionResolver") HandlerExceptionResolver refusals) {
    var filter =
        new FilterRegistrationBean<>(
            new HttpEndpointFilter(endpoints.orderedStream().toList(), headers, refusals));
    filter.setOrder(ORDER);
    return filter;
  }

  @Bean
  ResponseStreams responseStreams(
      ReadExecutor reads, @Value("${heliograph.websocket.send-buffer:64KB}") DataSize sendBuffer) {
    return new ResponseStreams(reads, Math.toIntExact(sendBuffer.toBytes()));
  }
}

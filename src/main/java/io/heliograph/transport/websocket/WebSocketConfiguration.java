package io.heliograph.transport.websocket;

import io.heliograph.server.HandshakeResponses;
import io.heliograph.server.ReadExecutor;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.util.Assert;
import org.springframework.web.HttpRequestHandler;
import org.springframework.web.socket.handler.AbstractWebSocketHandler;
import org.springframework.web.socket.server.HandshakeInterceptor;
import org.springframework.web.socket.server.support.WebSocketHttpRequestHandler;

/**
 * Serves every {@link WebSocketEndpoint} bean on the main port, ahead of Spring MVC and Security.
 */
@Configuration(proxyBeanMethods = false)
class WebSocketConfiguration {

  /** Right behind {@link io.heliograph.web.RequestId}. */
  @Bean
  FilterRegistrationBean<WebSocketUpgradeFilter> webSocketUpgradeFilter(
      ObjectProvider<WebSocketEndpoint> routes,
      WebSocketProperties properties,
      HandshakeResponses handshakes,
      ReadExecutor reads,
      MeterRegistry meters) {
    Map<String, HttpRequestHandler> handlersByPath = new HashMap<>();
    Set<String> sharedPaths = new HashSet<>();
    for (WebSocketEndpoint route : routes) {
      HttpRequestHandler other =
          handlersByPath.put(route.path(), handler(route, properties, handshakes, reads, meters));
      Assert.state(other == null, () -> "two WebSocket endpoints have the path " + route.path());
      if (route.shared()) {
        sharedPaths.add(route.path());
      }
    }
    var filter =
        new FilterRegistrationBean<>(new WebSocketUpgradeFilter(handlersByPath, sharedPaths));
    filter.setOrder(Ordered.HIGHEST_PRECEDENCE + 1);
    return filter;
  }

  private static WebSocketHttpRequestHandler handler(
      WebSocketEndpoint route,
      WebSocketProperties properties,
      HandshakeResponses allHandshakes,
      ReadExecutor reads,
      MeterRegistry meters) {
    HandshakeResponses handshakes = allHandshakes.of(route.info().protocol(), route.info().kind());
    var upgrade =
        new JettyUpgradeStrategy(
            new WebSocketContext(route, reads, meters), handshakes, properties.sendBuffer());
    // Spring wants a handler of its kind; frames go past it, to the route's listeners.
    var handler =
        new WebSocketHttpRequestHandler(
            new AbstractWebSocketHandler() {},
            new SubprotocolHandshake(upgrade, route.subprotocols()));
    List<HandshakeInterceptor> interceptors = new ArrayList<>();
    interceptors.add(new HandshakeValidator(handshakes));
    interceptors.addAll(route.interceptors());
    handler.setHandshakeInterceptors(interceptors);
    return handler;
  }
}

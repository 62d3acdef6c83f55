package io.heliograph.websocket;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.jetty.servlet.JettyServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.web.HttpRequestHandler;
import org.springframework.web.socket.handler.AbstractWebSocketHandler;
import org.springframework.web.socket.server.HandshakeInterceptor;
import org.springframework.web.socket.server.support.WebSocketHttpRequestHandler;

/**
 * Serves every {@link SocketRoute} bean, and guards the server's port against half-open connections
 * and crowds.
 */
@Configuration(proxyBeanMethods = false)
class SocketConfiguration {

  /** Connections that the kernel has accepted and we not yet; the kernel may allow fewer. */
  private static final int ACCEPT_QUEUE = 4096;

  @Bean
  Handshakes handshakes(MeterRegistry meters) {
    return new Handshakes(meters);
  }

  @Bean
  SocketReads socketReads() {
    return new SocketReads();
  }

  @Bean
  SocketEnds socketEnds() {
    return new SocketEnds();
  }

  /** Right behind {@link io.heliograph.problem.RequestId}. */
  @Bean
  FilterRegistrationBean<SocketDoor> socketDoor(
      ObjectProvider<SocketRoute> routes,
      WebSocketProperties properties,
      Handshakes handshakes,
      SocketReads reads,
      SocketEnds ends) {
    Map<String, HttpRequestHandler> handlersByPath = new HashMap<>();
    routes.stream()
        .forEach(
            route ->
                handlersByPath.put(
                    route.path(), handler(route, properties, handshakes, reads, ends)));
    var door = new FilterRegistrationBean<>(new SocketDoor(handlersByPath));
    door.setOrder(Ordered.HIGHEST_PRECEDENCE + 1);
    return door;
  }

  private static WebSocketHttpRequestHandler handler(
      SocketRoute route,
      WebSocketProperties properties,
      Handshakes handshakes,
      SocketReads reads,
      SocketEnds ends) {
    var upgrade = new LeanUpgradeStrategy(route, handshakes, reads, ends);
    // Spring wants a handler of its kind; frames go past it, to the route's listeners.
    var handler =
        new WebSocketHttpRequestHandler(
            new AbstractWebSocketHandler() {}, new SocketHandshake(upgrade, route.subprotocols()));
    List<HandshakeInterceptor> interceptors = new ArrayList<>();
    interceptors.add(
        new HandshakeRules(handshakes, properties.allowedOrigins(), route.withoutOrigin()));
    interceptors.addAll(route.interceptors());
    handler.setHandshakeInterceptors(interceptors);
    return handler;
  }

  /** Kubernetes asks for a pod's health by its address, and no certificate names that. */
  @Bean
  WebServerFactoryCustomizer<JettyServletWebServerFactory> tlsUnderAnyName() {
    return factory ->
        factory.addServerCustomizers(
            server -> {
              for (Connector connector : server.getConnectors()) {
                for (ConnectionFactory protocol : connector.getConnectionFactories()) {
                  if (protocol instanceof HttpConfiguration.ConnectionFactory http) {
                    var tls =
                        http.getHttpConfiguration().getCustomizer(SecureRequestCustomizer.class);
                    if (tls != null) {
                      tls.setSniHostCheck(false);
                    }
                  }
                }
              }
            });
  }

  /** Java's default of 50 lets a crowd that comes back wait for lost packets to be sent again. */
  @Bean
  WebServerFactoryCustomizer<JettyServletWebServerFactory> acceptQueue() {
    return factory ->
        factory.addServerCustomizers(
            server ->
                serverConnectors(server)
                    .forEach(connector -> connector.setAcceptQueueSize(ACCEPT_QUEUE)));
  }

  private static int waiting(List<PacedAcceptor> acceptors) {
    return acceptors.stream().mapToInt(PacedAcceptor::waiting).sum();
  }

  /** All that Spring Boot makes are of this kind. */
  private static Stream<ServerConnector> serverConnectors(Server server) {
    return Stream.of(server.getConnectors()).map(ServerConnector.class::cast);
  }

  @Bean
  WebServerFactoryCustomizer<JettyServletWebServerFactory> door(
      WebSocketProperties properties, Handshakes handshakes, MeterRegistry meters) {
    return factory ->
        factory.addServerCustomizers(
            server -> {
              List<PacedAcceptor> acceptors =
                  serverConnectors(server).map(PacedAcceptor::of).toList();
              Gauge.builder(
                      "heliograph.connections.waiting", acceptors, SocketConfiguration::waiting)
                  .description("Connections that are accepted and not read yet")
                  .register(meters);
              // The last that is put there is the first that is asked.
              server.insertHandler(
                  new HandshakeTurns(
                      handshakes,
                      properties.handshakesWaiting(),
                      meters,
                      request -> acceptors.forEach(acceptor -> acceptor.answered(request))));
              var halfOpen = new HalfOpenConnections(properties, handshakes);
              server.insertHandler(halfOpen);
              for (var connector : server.getConnectors()) {
                connector.addEventListener(halfOpen);
              }
            });
  }
}

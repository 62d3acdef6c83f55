package io.heliograph.server;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.springframework.boot.jetty.servlet.JettyServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Guards the main port: TLS names, the accept queue, paced accepting, request heads and handshakes.
 */
@Configuration(proxyBeanMethods = false)
public class ServerConfiguration {

  /** Connections that the kernel has accepted and we not yet; the kernel may allow fewer. */
  private static final int ACCEPT_QUEUE = 4096;

  @Bean
  HandshakeResponses handshakes(MeterRegistry meters) {
    return new HandshakeResponses(meters);
  }

  @Bean
  ReadExecutor socketReads() {
    return new ReadExecutor();
  }

  @Bean
  SocketEnds socketEnds() {
    return new SocketEnds();
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
      AdmissionProperties properties, HandshakeResponses handshakes, MeterRegistry meters) {
    return factory ->
        factory.addServerCustomizers(
            server -> {
              List<PacedAcceptor> acceptors =
                  serverConnectors(server).map(PacedAcceptor::of).toList();
              Gauge.builder(
                      "heliograph.connections.waiting", acceptors, ServerConfiguration::waiting)
                  .description("Connections that are accepted and not read yet")
                  .register(meters);
              // The last that is put there is the first that is asked.
              server.insertHandler(
                  new HandshakeQueue(
                      handshakes,
                      properties.handshakesWaiting(),
                      meters,
                      request -> acceptors.forEach(acceptor -> acceptor.answered(request))));
              var halfOpen = new RequestHeadGuard(properties, handshakes);
              server.insertHandler(halfOpen);
              for (var connector : server.getConnectors()) {
                connector.addEventListener(halfOpen);
              }
            });
  }
}

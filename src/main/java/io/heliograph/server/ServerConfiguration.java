package io.heliograph.server;

import io.heliograph.web.CallerProperties;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.jetty.servlet.JettyServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Beans that guard the main port: TLS names, the accept queue, paced accepting, request heads and
 * handshakes.
 */
@Configuration(proxyBeanMethods = false)
public class ServerConfiguration {

  /** The kernel's backlog of connections that are not accepted yet; the kernel may allow fewer. */
  private static final int ACCEPT_QUEUE = 4096;

  @Bean
  HandshakeResponses handshakes(MeterRegistry meters) {
    return new HandshakeResponses(meters);
  }

  @Bean
  ReadExecutor socketReads() {
    return new ReadExecutor();
  }

  /** Kubernetes probes a pod by its address, which no certificate names. */
  @Bean
  WebServerFactoryCustomizer<JettyServletWebServerFactory> tlsUnderAnyName() {
    return factory ->
        factory.addServerCustomizers(
            server ->
                httpConfigurations(server)
                    .map(http -> http.getCustomizer(SecureRequestCustomizer.class))
                    .filter(Objects::nonNull)
                    .forEach(tls -> tls.setSniHostCheck(false)));
  }

  private static Stream<HttpConfiguration> httpConfigurations(Server server) {
    return Stream.of(server.getConnectors())
        .flatMap(connector -> connector.getConnectionFactories().stream())
        .filter(HttpConfiguration.ConnectionFactory.class::isInstance)
        .map(protocol -> ((HttpConfiguration.ConnectionFactory) protocol).getHttpConfiguration());
  }

  /**
   * The one place that reads {@code X-Forwarded-*}; see {@link TrustedProxies}.
   *
   * @param strategy {@code native} is the older way to say that one proxy is trusted
   */
  @Bean
  @Order // after Spring Boot's own, whose customizer this replaces
  WebServerFactoryCustomizer<JettyServletWebServerFactory> trustedProxies(
      CallerProperties callers, @Value("${server.forward-headers-strategy:none}") String strategy) {
    int count =
        switch (strategy.toLowerCase(Locale.ROOT)) {
          case "none" -> callers.trustedProxies();
          case "native" -> Math.max(1, callers.trustedProxies());
          default ->
              throw new InvalidConfigurationPropertyValueException(
                  "server.forward-headers-strategy",
                  strategy,
                  "must be none or native (the same as heliograph.server.trusted-proxies=1)");
        };
    return factory -> {
      factory.setUseForwardHeaders(false);
      if (count > 0) {
        factory.addServerCustomizers(
            server ->
                httpConfigurations(server)
                    .forEach(http -> http.addCustomizer(new TrustedProxies(count))));
      }
    };
  }

  /** Without a limit on virtual threads, Jetty cannot count them and reports -1. */
  @Bean
  MeterFilter noJettyThreads() {
    return MeterFilter.denyNameStartsWith("jetty.threads");
  }

  /** HTTP/2 connections would bypass the guards of this package. */
  @Bean
  @Order(Ordered.HIGHEST_PRECEDENCE)
  WebServerFactoryCustomizer<JettyServletWebServerFactory> noHttp2(
      @Value("${server.http2.enabled:false}") boolean http2) {
    if (http2) {
      throw new InvalidConfigurationPropertyValueException(
          "server.http2.enabled",
          true,
          "The service supports HTTP/1.1 only. Use a proxy for HTTP/2 to browsers.");
    }
    return _ -> {};
  }

  /**
   * With Java's default of 50, a burst of reconnecting clients overflows the backlog and waits for
   * retransmissions.
   */
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

  /** Spring Boot creates only connectors of this kind. */
  private static Stream<ServerConnector> serverConnectors(Server server) {
    return Stream.of(server.getConnectors()).map(ServerConnector.class::cast);
  }

  @Bean
  WebServerFactoryCustomizer<JettyServletWebServerFactory> connectionGuards(
      AdmissionProperties properties,
      ExchangeProperties exchanges,
      HandshakeResponses handshakes,
      ApplicationAvailability availability,
      MeterRegistry meters) {
    Counter notAccepted =
        Counter.builder("heliograph.connections.failed")
            .description(
                "Connections that could not be accepted, for example for lack of file descriptors")
            .register(meters);
    return factory ->
        factory.addServerCustomizers(
            server -> {
              BooleanSupplier draining = () -> isDraining(availability);
              var heads = new RequestHeadGuard(properties, handshakes, draining);
              List<PacedAcceptor> acceptors =
                  serverConnectors(server)
                      .map(
                          connector ->
                              PacedAcceptor.of(
                                  connector,
                                  _ -> {
                                    notAccepted.increment();
                                    heads.closeIdle();
                                  }))
                      .toList();
              Gauge.builder(
                      "heliograph.connections.waiting", acceptors, ServerConfiguration::waiting)
                  .description("Accepted connections that are not registered yet")
                  .register(meters);
              Consumer<Request> answered =
                  request -> acceptors.forEach(acceptor -> acceptor.answered(request));
              // The handler inserted last is called first.
              server.insertHandler(
                  new HandshakeQueue(handshakes, properties.handshakesWaiting(), meters, answered));
              server.insertHandler(new ExchangeGuard(exchanges, draining, answered, meters));
              server.insertHandler(heads);
              for (var connector : server.getConnectors()) {
                connector.addEventListener(heads);
              }
            });
  }

  /** After the start, only a drain sets this state. */
  private static boolean isDraining(ApplicationAvailability availability) {
    var last = availability.getLastChangeEvent(ReadinessState.class);
    return last != null && last.getState() == ReadinessState.REFUSING_TRAFFIC;
  }
}

package io.heliograph.protocol.socketio;

import io.heliograph.security.SecurityHeaders;
import io.heliograph.server.AdmissionProperties;
import io.heliograph.server.ExchangeProperties;
import io.heliograph.server.HandshakeResponses;
import io.heliograph.server.ServerConfiguration;
import io.heliograph.session.ServerEvent;
import io.heliograph.support.WithoutSecurity;
import io.heliograph.transport.engineio.EchoListener;
import io.heliograph.transport.engineio.EngineEndpoint;
import io.heliograph.transport.engineio.EngineGate;
import io.heliograph.transport.engineio.EngineLimits;
import io.heliograph.transport.engineio.EngineListener;
import io.heliograph.transport.engineio.EngineServer;
import io.heliograph.transport.http.HttpEndpoint;
import io.heliograph.transport.http.ResponseStreams;
import io.heliograph.transport.websocket.WebSocketEndpoint;
import io.heliograph.transport.websocket.WebSocketProperties;
import io.heliograph.web.CallerProperties;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportSelector;
import org.springframework.core.type.AnnotationMetadata;

/**
 * Engine.IO at {@code /engine.io/} and Socket.IO at {@code /socket.io/} with echoes in place of the
 * hub, so that the public suites of both protocols can be run against them. Not a component, so
 * that no scan of the real application finds it.
 */
@WithoutSecurity
@EnableConfigurationProperties({
  AdmissionProperties.class,
  CallerProperties.class,
  ExchangeProperties.class,
  WebSocketProperties.class
})
@Import({ServerConfiguration.class, SecurityHeaders.class, EchoApplication.Transports.class})
public class EchoApplication {

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Configurations that only their own packages can name as classes. */
  static final class Transports implements ImportSelector {

    @Override
    public String[] selectImports(AnnotationMetadata importing) {
      return new String[] {
        "io.heliograph.transport.websocket.WebSocketConfiguration",
        "io.heliograph.transport.http.HttpTransportConfiguration"
      };
    }
  }

  public static void main(String[] args) {
    // Its own name, so that the real application's settings are not read.
    new SpringApplicationBuilder(EchoApplication.class)
        .properties(
            "spring.config.name=echo",
            "server.port=3000",
            "spring.threads.virtual.enabled=true",
            "heliograph.websocket.send-buffer=64KB")
        .run(args);
  }

  @Bean(destroyMethod = "shutdown")
  ScheduledExecutorService timer() {
    return Executors.newSingleThreadScheduledExecutor();
  }

  @Bean
  EngineServer engineEcho(
      HandshakeResponses handshakes, ResponseStreams streams, ScheduledExecutorService timer) {
    return server("/engine.io/", handshakes, streams, timer, () -> new EchoListener(timer));
  }

  @Bean
  EngineServer socketIoEcho(
      HandshakeResponses handshakes, ResponseStreams streams, ScheduledExecutorService timer) {
    return server("/socket.io/", handshakes, streams, timer, () -> new SocketIoEcho(timer));
  }

  @Bean
  WebSocketEndpoint engineSockets(EngineServer engineEcho) {
    return engineEcho.webSocketEndpoint();
  }

  @Bean
  HttpEndpoint enginePolling(EngineServer engineEcho) {
    return engineEcho.httpEndpoint();
  }

  @Bean
  WebSocketEndpoint socketIoSockets(EngineServer socketIoEcho) {
    return socketIoEcho.webSocketEndpoint();
  }

  @Bean
  HttpEndpoint socketIoPolling(EngineServer socketIoEcho) {
    return socketIoEcho.httpEndpoint();
  }

  private static EngineServer server(
      String path,
      HandshakeResponses handshakes,
      ResponseStreams streams,
      ScheduledExecutorService timer,
      Supplier<EngineListener> listeners) {
    var server =
        new EngineServer(
            EngineEndpoint.of(
                path,
                new EngineLimits(
                    1_000_000,
                    Duration.ofMillis(EchoListener.PING_INTERVAL_MILLIS),
                    Duration.ofMillis(EchoListener.PING_TIMEOUT_MILLIS),
                    PATIENCE,
                    PATIENCE,
                    PATIENCE,
                    1_000_000),
                "echo",
                EchoApplication::noEvents,
                new Open(listeners),
                null),
            handshakes,
            streams,
            System::nanoTime);
    var _ = timer.scheduleWithFixedDelay(server::tick, 100, 100, TimeUnit.MILLISECONDS);
    return server;
  }

  private static io.heliograph.session.Payload noEvents(ServerEvent event) {
    throw new UnsupportedOperationException("an echo has no events");
  }

  /** Everybody may come in. */
  private record Open(Supplier<EngineListener> listeners) implements EngineGate {

    @Override
    public Decision open(HttpServletRequest request) {
      return new Admitted(listeners.get());
    }

    @Override
    public @Nullable Refused further(HttpServletRequest request) {
      return null;
    }
  }
}

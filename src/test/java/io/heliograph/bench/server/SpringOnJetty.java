package io.heliograph.bench.server;

import io.heliograph.support.WithoutSecurity;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerResponse;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.config.annotation.EnableWebSocket;
import org.springframework.web.socket.config.annotation.WebSocketConfigurer;
import org.springframework.web.socket.handler.ConcurrentWebSocketSessionDecorator;
import org.springframework.web.socket.handler.TextWebSocketHandler;
import org.springframework.web.socket.server.jetty.JettyRequestUpgradeStrategy;
import org.springframework.web.socket.server.support.DefaultHandshakeHandler;

/**
 * What the framework's guides lead to: a {@code TextWebSocketHandler}, sessions in a map, each
 * behind Spring's decorator for sending, all on Jetty. Not a component, so that no scan of the real
 * application finds it.
 */
@EnableWebSocket
@WithoutSecurity
class SpringOnJetty {

  private static final int SEND_TIME_LIMIT_MILLIS = 10_000;
  private static final int BUFFER_LIMIT = 1024 * 1024;

  public static void main(String[] args) {
    // Its own name, so that the real application's settings are not read.
    new SpringApplicationBuilder(SpringOnJetty.class)
        .properties(
            "spring.config.name=bench",
            "server.address=127.0.0.1",
            "server.port=" + args[0],
            "spring.threads.virtual.enabled=true",
            "spring.main.banner-mode=off",
            "logging.level.root=warn")
        .run();
  }

  @Bean
  Subscribers subscribers() {
    return new Subscribers();
  }

  @Bean
  WebSocketConfigurer sockets(Subscribers subscribers) {
    // Without a heartbeat Jetty would close each after 30 s.
    var jetty = new JettyRequestUpgradeStrategy();
    jetty.addWebSocketConfigurer(settings -> settings.setIdleTimeout(Duration.ZERO));
    return registry ->
        registry
            .addHandler(subscribers, "/sub/*")
            .setHandshakeHandler(new DefaultHandshakeHandler(jetty))
            .setAllowedOrigins("*");
  }

  /** No annotated controller: the real application's scan would find that one. */
  @Bean
  RouterFunction<ServerResponse> publisher(Subscribers subscribers) {
    return RouterFunctions.route()
        .POST(
            "/pub/{address}",
            request -> {
              String payload = request.body(String.class);
              subscribers.send(request.pathVariable("address"), new TextMessage(payload));
              return ServerResponse.accepted().build();
            })
        .GET("/ready", _ -> ServerResponse.ok().build())
        .build();
  }

  static final class Subscribers extends TextWebSocketHandler {

    private final Map<String, Set<WebSocketSession>> sessionsByAddress = new ConcurrentHashMap<>();

    private static String address(WebSocketSession session) {
      URI uri = Objects.requireNonNull(session.getUri());
      return uri.getPath().substring(5);
    }

    @Override
    public void afterConnectionEstablished(WebSocketSession session) {
      var sending =
          new ConcurrentWebSocketSessionDecorator(session, SEND_TIME_LIMIT_MILLIS, BUFFER_LIMIT);
      session.getAttributes().put("sending", sending);
      sessionsByAddress
          .computeIfAbsent(address(session), _ -> ConcurrentHashMap.newKeySet())
          .add(sending);
    }

    @Override
    public void afterConnectionClosed(WebSocketSession session, CloseStatus status) {
      sessionsByAddress.computeIfPresent(
          address(session),
          (_, sessions) -> {
            sessions.remove(session.getAttributes().get("sending"));
            return sessions.isEmpty() ? null : sessions;
          });
    }

    void send(String address, TextMessage message) {
      for (WebSocketSession session : sessionsByAddress.getOrDefault(address, Set.of())) {
        try {
          session.sendMessage(message);
        } catch (IOException | RuntimeException e) {
          // It is closing; its end is told by afterConnectionClosed.
        }
      }
    }
  }
}

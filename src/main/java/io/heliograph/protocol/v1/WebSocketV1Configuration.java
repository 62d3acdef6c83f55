package io.heliograph.protocol.v1;

import io.heliograph.client.Admission;
import io.heliograph.client.ClientContext;
import io.heliograph.hub.ConnectionLimits;
import io.heliograph.server.HandshakeResponses;
import io.heliograph.session.CloseReason;
import io.heliograph.session.Encoding;
import io.heliograph.session.Identity;
import io.heliograph.session.Liveness;
import io.heliograph.session.TransportInfo;
import io.heliograph.transport.http.HttpEndpoint;
import io.heliograph.transport.sockjs.SockJsProperties;
import io.heliograph.transport.sockjs.SockJsRoute;
import io.heliograph.transport.websocket.CallerHandshake;
import io.heliograph.transport.websocket.WebSocketEndpoint;
import io.heliograph.transport.websocket.WebSocketFraming;
import io.heliograph.transport.websocket.WebSocketLimits;
import io.heliograph.transport.websocket.WebSocketProperties;
import io.heliograph.web.CorsResource;
import io.heliograph.web.OriginPolicy;
import java.util.List;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Serves version 1 of the protocol over WebSockets. */
@Configuration(proxyBeanMethods = false)
class WebSocketV1Configuration {

  @Bean
  WebSocketEndpoint webSocketV1(
      WebSocketProperties properties,
      ClientContext context,
      ConnectionLimits limits,
      Admission admission,
      OriginPolicy origins,
      HandshakeResponses handshakes,
      SockJsProperties sockJs) {
    return new WebSocketEndpoint(
            properties.path(),
            List.of(JsonCodec.NAME),
            new WebSocketLimits(
                Math.toIntExact(properties.maxFrame().toBytes()),
                false,
                properties.closeTimeout(),
                properties.maxDiscarded().toBytes()),
            new TransportInfo("websocket", JsonCodec.PROTOCOL, Liveness.PING, false),
            new Encoding(new JsonCodec(), WebSocketFraming.TEXT),
            List.of(new BrowserHandshake(admission, new CallerHandshake(origins, handshakes))),
            info ->
                switch (info.attributes().get(BrowserHandshake.DECISION)) {
                  case Identity identity -> new WebSocketConversation(context, identity);
                  case CloseReason reason -> new RefusedSocket(limits, reason);
                  case null, default ->
                      throw new IllegalStateException("a handshake without a decision");
                })
        .sharedIf(sockJs.enabled());
  }

  /** For {@code new SockJS('/ws')}. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnProperty(name = "heliograph.sockjs.enabled", havingValue = "true")
  static class OverSockJs {

    private final SockJsRoute route;

    OverSockJs(@Qualifier("webSocketV1") WebSocketEndpoint base, OriginPolicy origins) {
      route = new SockJsRoute(base, origins);
    }

    @Bean
    WebSocketEndpoint version1OverSockJs() {
      return route.framed();
    }

    @Bean
    WebSocketEndpoint version1BelowSockJs() {
      return route.raw();
    }

    @Bean
    HttpEndpoint version1SockJsInfo() {
      return route.info();
    }

    @Bean
    HttpEndpoint version1SockJsGreeting() {
      return route.greeting();
    }

    @Bean
    CorsResource version1SockJsCors() {
      return route.cors();
    }
  }
}

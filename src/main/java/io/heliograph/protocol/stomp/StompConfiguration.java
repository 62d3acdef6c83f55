package io.heliograph.protocol.stomp;

import io.heliograph.client.Admission;
import io.heliograph.client.Caller;
import io.heliograph.client.ClientContext;
import io.heliograph.client.LateAdmissions;
import io.heliograph.server.HandshakeResponses;
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
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Objects;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Mounts STOMP on WebSockets. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(
    name = "heliograph.stomp.enabled",
    havingValue = "true",
    matchIfMissing = true)
class StompConfiguration {

  @Bean
  SendHandler stompSends() {
    return (frame, client) -> client.send(frame);
  }

  @Bean
  StompContext stompContext(
      ClientContext clients,
      LateAdmissions admissions,
      SendHandler sends,
      WebSocketProperties properties,
      MeterRegistry meters) {
    return new StompContext(
        clients, admissions, sends, Math.toIntExact(properties.maxFrame().toBytes()), meters);
  }

  @Bean
  WebSocketEndpoint stomp(
      StompProperties stomp,
      StompContext context,
      WebSocketProperties properties,
      Admission admission,
      OriginPolicy origins,
      HandshakeResponses handshakes,
      SockJsProperties sockJs) {
    var info = new TransportInfo("websocket", StompCodec.PROTOCOL, Liveness.PING, false);
    var callers = new CallerHandshake(origins, handshakes.of(info.protocol(), info.kind()));
    return new WebSocketEndpoint(
            stomp.path(),
            StompVersion.SUBPROTOCOLS,
            new WebSocketLimits(
                context.maxFrame(),
                true,
                properties.closeTimeout(),
                properties.maxDiscarded().toBytes()),
            info,
            context.encoding(StompVersion.V1_2, WebSocketFraming.TEXT),
            List.of(new StompHandshake(admission, callers)),
            handshake ->
                new StompConnection(
                    context,
                    Objects.requireNonNull(
                        (Caller) handshake.attributes().get(StompHandshake.CALLER))))
        .sharedIf(sockJs.enabled());
  }

  /** For {@code new SockJS('/stomp')}. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnProperty(name = "heliograph.sockjs.enabled", havingValue = "true")
  static class OverSockJs {

    private final SockJsRoute route;

    OverSockJs(@Qualifier("stomp") WebSocketEndpoint stomp, OriginPolicy origins) {
      route = new SockJsRoute(stomp, origins);
    }

    @Bean
    WebSocketEndpoint stompOverSockJs() {
      return route.framed();
    }

    @Bean
    WebSocketEndpoint stompBelowSockJs() {
      return route.raw();
    }

    @Bean
    HttpEndpoint stompSockJsInfo() {
      return route.info();
    }

    @Bean
    HttpEndpoint stompSockJsGreeting() {
      return route.greeting();
    }

    @Bean
    CorsResource stompSockJsCors() {
      return route.cors();
    }
  }
}

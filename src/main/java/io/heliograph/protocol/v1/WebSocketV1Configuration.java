package io.heliograph.protocol.v1;

import io.heliograph.client.Admission;
import io.heliograph.server.HandshakeResponses;
import io.heliograph.session.CloseReason;
import io.heliograph.session.Identity;
import io.heliograph.transport.websocket.WebSocketEndpoint;
import io.heliograph.transport.websocket.WebSocketLimits;
import io.heliograph.transport.websocket.WebSocketProperties;
import io.heliograph.web.OriginPolicy;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Mounts version 1 of the protocol where browsers connect. */
@Configuration(proxyBeanMethods = false)
class WebSocketV1Configuration {

  @Bean
  WebSocketEndpoint browsers(
      WebSocketProperties properties,
      ClientContext lines,
      Admission admission,
      OriginPolicy origins,
      HandshakeResponses handshakes) {
    return new WebSocketEndpoint(
        properties.path(),
        List.of(JsonCodec.NAME),
        new WebSocketLimits(
            Math.toIntExact(properties.maxFrame().toBytes()), false, properties.closeTimeout()),
        new JsonCodec(),
        List.of(new BrowserHandshake(admission, origins, handshakes)),
        info ->
            switch (info.attributes().get(BrowserHandshake.DECISION)) {
              case Identity identity -> new ClientConversation(lines, identity);
              case CloseReason reason -> new RefusedSocket(lines.hub().limits(), reason);
              case null, default -> throw new IllegalStateException("nobody was asked");
            });
  }
}

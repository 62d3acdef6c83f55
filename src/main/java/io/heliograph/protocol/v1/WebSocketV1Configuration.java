package io.heliograph.protocol.v1;

import io.heliograph.hub.Drain;
import io.heliograph.security.ApiKeys;
import io.heliograph.security.BrowserTokens;
import io.heliograph.security.SecurityProperties;
import io.heliograph.server.HandshakeResponses;
import io.heliograph.session.Identity;
import io.heliograph.transport.websocket.WebSocketEndpoint;
import io.heliograph.transport.websocket.WebSocketLimits;
import io.heliograph.transport.websocket.WebSocketProperties;
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
      BrowserTokens tokens,
      ApiKeys apiKeys,
      SecurityProperties security,
      Drain drain,
      HandshakeResponses handshakes) {
    var handshake =
        new BrowserHandshake(
            tokens, apiKeys, security.anonymous(), lines.hub().limits(), drain, handshakes);
    return new WebSocketEndpoint(
        properties.path(),
        List.of(JsonCodec.NAME),
        new WebSocketLimits(
            Math.toIntExact(properties.maxFrame().toBytes()), false, properties.closeTimeout()),
        new JsonCodec(),
        BrowserHandshake::showsToken,
        List.of(handshake),
        info ->
            new ClientConversation(
                lines,
                info.attributes().get(BrowserHandshake.IDENTITY) instanceof Identity identity
                    ? identity
                    : Identity.ANONYMOUS));
  }
}

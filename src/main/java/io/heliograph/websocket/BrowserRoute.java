package io.heliograph.websocket;

import io.heliograph.hub.Drain;
import io.heliograph.security.ApiKeys;
import io.heliograph.security.BrowserTokens;
import io.heliograph.security.SecurityProperties;
import io.heliograph.session.Identity;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Mounts version 1 of the protocol where browsers connect. */
@Configuration(proxyBeanMethods = false)
class BrowserRoute {

  @Bean
  SocketRoute browsers(
      WebSocketProperties properties,
      BrowserLines lines,
      BrowserTokens tokens,
      ApiKeys apiKeys,
      SecurityProperties security,
      Drain drain,
      Handshakes handshakes) {
    var handshake =
        new BrowserHandshake(
            tokens, apiKeys, security.anonymous(), lines.hub().limits(), drain, handshakes);
    return new SocketRoute(
        properties.path(),
        List.of(JsonProtocol.NAME),
        new SocketLimits(
            Math.toIntExact(properties.maxFrame().toBytes()), false, properties.closeTimeout()),
        new JsonProtocol(),
        BrowserHandshake::showsToken,
        List.of(handshake),
        info ->
            new BrowserLine(
                lines,
                info.attributes().get(BrowserHandshake.IDENTITY) instanceof Identity identity
                    ? identity
                    : Identity.ANONYMOUS));
  }
}

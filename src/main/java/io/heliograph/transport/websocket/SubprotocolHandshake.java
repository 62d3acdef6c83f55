package io.heliograph.transport.websocket;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.server.RequestUpgradeStrategy;
import org.springframework.web.socket.server.support.DefaultHandshakeHandler;

/**
 * Spring's handshake with our upgrade, and sub-protocols compared as RFC 6455 does: case matters.
 */
final class SubprotocolHandshake extends DefaultHandshakeHandler {

  private final List<String> subprotocols;

  SubprotocolHandshake(RequestUpgradeStrategy upgrade, List<String> subprotocols) {
    super(upgrade);
    this.subprotocols = subprotocols;
  }

  @Override
  protected @Nullable String selectProtocol(List<String> requested, WebSocketHandler handler) {
    for (String entry : requested) {
      for (String name : entry.split(",", -1)) {
        String asked = name.trim();
        // Entries that carry a token are for the eyes of the interceptors: an echo would publish
        // them.
        boolean secret = asked.toLowerCase(Locale.ROOT).startsWith("bearer.");
        if (!secret && subprotocols.contains(asked)) {
          return asked;
        }
      }
    }
    return null;
  }
}

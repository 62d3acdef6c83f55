package io.heliograph.transport.websocket;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is left of a handshake once it is accepted; the request itself is gone by then.
 *
 * @param remoteAddress the peer's address as {@link
 *     io.heliograph.session.Transport#remoteAddress()} has it
 * @param subprotocol the sub-protocol that was answered; null: none
 * @param attributes what the handshake's interceptors left for the listener. Nothing that reaches
 *     back to the request may be among it, or every idle socket keeps its request alive
 */
public record HandshakeInfo(
    String remoteAddress, @Nullable String subprotocol, Map<String, Object> attributes) {

  public HandshakeInfo {
    attributes = Map.copyOf(attributes);
  }
}

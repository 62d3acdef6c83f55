package io.heliograph.transport.engineio;

import io.heliograph.session.CloseReason;
import java.nio.ByteBuffer;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** What packets of a client mean to its session. */
final class EnginePackets {

  private EnginePackets() {}

  /**
   * @param inPayload it came in the body of a POST, where binary packets are text
   */
  static void handle(EngineTransport session, String packet, boolean inPayload) {
    EngineListener listener = session.listener();
    switch (packet.isEmpty() ? ' ' : packet.charAt(0)) {
      case '1' -> session.clientCloses();
      case '3' -> {
        if (!listener.onPong(session.pong())) {
          session.discard();
        }
      }
      case '4' -> listener.onMessage(packet.substring(1));
      case '6' -> {
        // Says nothing.
      }
      case 'b' -> {
        ByteBuffer data = inPayload ? base64(packet) : null;
        if (data == null) {
          malformed(session, "a binary packet is base64, in the body of a POST alone");
        } else {
          listener.onBinary(data);
        }
      }
      default -> malformed(session, "a packet that a client may send has the type 1, 3, 4 or 6");
    }
  }

  private static @Nullable ByteBuffer base64(String packet) {
    try {
      return ByteBuffer.wrap(Base64.getDecoder().decode(packet.substring(1)));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static void malformed(EngineTransport session, String rule) {
    session.discard();
    session.listener().onMalformed(CloseReason.BAD_FRAME, rule);
  }
}

package io.heliograph.transport.engineio;

import io.heliograph.session.Framing;
import io.heliograph.transport.websocket.WebSocketFraming;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Message packets of Engine.IO, each in a WebSocket frame of its own. One encoding serves both
 * carriers: an answer to a poll leaves the WebSocket headers out, see {@link PollPayload}.
 *
 * <p>A payload may hold several messages with the record separator between them, as Engine.IO joins
 * packets in an answer to a poll. JSON has that character in escaped form only.
 */
public enum EngineFraming implements Framing {
  TEXT;

  /** Between two messages of a payload. */
  public static final char SEPARATOR = 0x1e;

  private static final byte MESSAGE = '4';

  @Override
  public ByteBuffer begin(ByteBuffer head, ByteBuffer payload) {
    ByteBuffer packet =
        ByteBuffer.allocate(1 + head.remaining()).put(MESSAGE).put(head.duplicate()).flip();
    return WebSocketFraming.TEXT.begin(packet, payload);
  }

  @Override
  public ByteBuffer rest(ByteBuffer payload) {
    return payload;
  }

  @Override
  public ByteBuffer frame(ByteBuffer payload) {
    int separator = separator(payload);
    if (separator < 0) {
      return Framing.super.frame(payload);
    }
    ByteBuffer first = frame(payload.slice(payload.position(), separator - payload.position()));
    ByteBuffer others = frame(payload.slice(separator + 1, payload.limit() - separator - 1));
    return ByteBuffer.allocate(first.remaining() + others.remaining())
        .put(first)
        .put(others)
        .flip()
        .asReadOnlyBuffer();
  }

  private static int separator(ByteBuffer payload) {
    for (int i = payload.position(); i < payload.limit(); i++) {
      if (payload.get(i) == SEPARATOR) {
        return i;
      }
    }
    return -1;
  }

  /** A whole packet of any type in its frame; shared, to be duplicated. */
  static ByteBuffer packet(String packet) {
    return WebSocketFraming.TEXT.frame(ByteBuffer.wrap(packet.getBytes(StandardCharsets.UTF_8)));
  }
}

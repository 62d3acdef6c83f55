package io.heliograph.transport.sockjs;

import io.heliograph.session.CloseReason;
import io.heliograph.session.Framing;
import io.heliograph.transport.websocket.WebSocketFraming;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Frames of SockJS as messages of a WebSocket: one text each in an array, <code>a["…"]</code>. */
enum SockJsFraming implements Framing {
  WEBSOCKET;

  private static final ByteBuffer OPEN = frame("o");
  private static final ByteBuffer HEARTBEAT = frame("h");

  private static final byte[] BEGIN = ascii("a[\"");
  private static final byte[] END = ascii("\"]");

  @Override
  public ByteBuffer begin(ByteBuffer head, ByteBuffer payload) {
    ByteBuffer begin = ByteBuffer.allocate(BEGIN.length + SockJsText.escapedLength(head));
    SockJsText.escape(head, begin.put(BEGIN));
    return WebSocketFraming.TEXT.begin(
        begin.flip(), SockJsText.escapedLength(payload) + END.length);
  }

  @Override
  public ByteBuffer rest(ByteBuffer payload) {
    ByteBuffer rest = ByteBuffer.allocate(SockJsText.escapedLength(payload) + END.length);
    SockJsText.escape(payload, rest);
    return rest.put(END).flip().asReadOnlyBuffer();
  }

  @Override
  public ByteBuffer heartbeat(ByteBuffer payload) {
    return payload.hasRemaining() ? frame(payload) : HEARTBEAT;
  }

  static ByteBuffer open() {
    return OPEN.duplicate();
  }

  /** Nothing in the texts of close reasons has to be escaped. */
  static ByteBuffer close(CloseReason reason) {
    return frame("c[" + reason.code() + ",\"" + reason.text() + "\"]");
  }

  private static ByteBuffer frame(String text) {
    return WebSocketFraming.TEXT.frame(ByteBuffer.wrap(ascii(text)));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}

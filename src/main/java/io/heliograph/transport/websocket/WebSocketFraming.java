package io.heliograph.transport.websocket;

import io.heliograph.session.Framing;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Server frames of WebSocket: not masked, not fragmented, a header in front of the payload (RFC
 * 6455 section 5.2).
 */
public enum WebSocketFraming implements Framing {
  /** Payloads are UTF-8. */
  TEXT(Opcode.TEXT),
  BINARY(Opcode.BINARY);

  private static final int FIN = 0x80;
  private static final int LONGEST_SHORT = 125;
  private static final int LONGEST_MIDDLE = 0xffff;

  private final byte opCode;

  WebSocketFraming(byte opCode) {
    this.opCode = opCode;
  }

  @Override
  public ByteBuffer begin(ByteBuffer head, ByteBuffer payload) {
    return begin(opCode, head, head.remaining() + payload.remaining());
  }

  @Override
  public ByteBuffer rest(ByteBuffer payload) {
    return payload;
  }

  /** A frame of this layer's own: ping, pong or close. */
  static ByteBuffer control(byte opCode, ByteBuffer payload) {
    return begin(opCode, payload, payload.remaining());
  }

  /** A close frame; 1005 makes an empty one. */
  static ByteBuffer close(int code, String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    ByteBuffer payload = ByteBuffer.allocate(2 + text.length);
    return control(
        Opcode.CLOSE,
        code == 1005 ? payload.limit(0) : payload.putShort((short) code).put(text).flip());
  }

  /** The same for a payload of which only the length is known. */
  public ByteBuffer begin(ByteBuffer head, int rest) {
    return begin(opCode, head, head.remaining() + rest);
  }

  private static ByteBuffer begin(byte opCode, ByteBuffer head, int length) {
    ByteBuffer begin = ByteBuffer.allocate(10 + head.remaining()).put((byte) (FIN | opCode));
    if (length <= LONGEST_SHORT) {
      begin.put((byte) length);
    } else if (length <= LONGEST_MIDDLE) {
      begin.put((byte) 126).putShort((short) length);
    } else {
      begin.put((byte) 127).putLong(length);
    }
    return begin.put(head.duplicate()).flip().asReadOnlyBuffer();
  }
}

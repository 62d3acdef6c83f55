package io.heliograph.bench.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A client's part of RFC 6455 section 5: finds whole frames, masks with zeros. */
final class Frames {

  static final int TEXT = 0x1;
  static final int CLOSE = 0x8;
  static final int PING = 0x9;

  private static final int FIN = 0x80;
  private static final int MASKED = 0x80;

  private Frames() {}

  /**
   * The payload's length when the whole frame is there, and the buffer then stands at the payload;
   * -1 when it is not, and the buffer has not moved.
   */
  static int next(ByteBuffer in) {
    int start = in.position();
    if (in.remaining() < 2) {
      return -1;
    }
    int length = in.get(start + 1) & 0x7f;
    int head = 2;
    if (length == 126) {
      head = 4;
    } else if (length == 127) {
      head = 10;
    }
    if (in.remaining() < head) {
      return -1;
    }
    if (head == 4) {
      length = in.getShort(start + 2) & 0xffff;
    } else if (head == 10) {
      length = Math.toIntExact(in.getLong(start + 2));
    }
    if (in.remaining() - head < length) {
      return -1;
    }
    in.position(start + head);
    return length;
  }

  static ByteBuffer pong(ByteBuffer in, int length) {
    ByteBuffer pong = ByteBuffer.allocate(6 + length);
    pong.put((byte) (FIN | 0xa)).put((byte) (MASKED | length)).putInt(0);
    for (int i = 0; i < length; i++) {
      pong.put(in.get(in.position() + i));
    }
    return pong.flip();
  }

  static ByteBuffer text(String text) {
    byte[] payload = text.getBytes(StandardCharsets.UTF_8);
    ByteBuffer frame = ByteBuffer.allocate(8 + payload.length);
    frame.put((byte) (FIN | TEXT));
    if (payload.length < 126) {
      frame.put((byte) (MASKED | payload.length));
    } else {
      frame.put((byte) (MASKED | 126)).putShort((short) payload.length);
    }
    return frame.putInt(0).put(payload).flip();
  }
}

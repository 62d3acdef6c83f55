package io.heliograph.transport.websocket;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.eclipse.jetty.websocket.core.OpCode;

/**
 * One whole server frame as it goes on the line: not masked, not fragmented, its header in front of
 * the payload (RFC 6455 section 5.2). Written once for a message, however many browsers get it. The
 * payload is what is written to this stream.
 */
public final class FrameBytes extends ByteArrayOutputStream {

  /** Room for the longest header, filled when the length is known. */
  private static final int HEADROOM = 10;

  private static final int FIN = 0x80;
  private static final int LONGEST_SHORT = 125;
  private static final int LONGEST_MIDDLE = 0xffff;

  /**
   * @param expected bytes of payload, roughly
   */
  public FrameBytes(int expected) {
    super(HEADROOM + expected);
    count = HEADROOM;
  }

  /** A text frame; the payload is UTF-8. */
  public static ByteBuffer text(ByteBuffer payload) {
    return of(OpCode.TEXT, payload);
  }

  public static ByteBuffer binary(ByteBuffer payload) {
    return of(OpCode.BINARY, payload);
  }

  static ByteBuffer of(byte opCode, ByteBuffer payload) {
    byte[] copy = new byte[payload.remaining()];
    payload.duplicate().get(copy);
    var frame = new FrameBytes(copy.length);
    frame.write(copy, 0, copy.length);
    return frame.finish(opCode);
  }

  /** The frame, read-only. Nothing may be written any more. */
  public ByteBuffer finish(byte opCode) {
    int length = count - HEADROOM;
    int begin;
    if (length <= LONGEST_SHORT) {
      begin = HEADROOM - 2;
      buf[begin + 1] = (byte) length;
    } else if (length <= LONGEST_MIDDLE) {
      begin = HEADROOM - 4;
      ByteBuffer.wrap(buf).put(begin + 1, (byte) 126).putShort(begin + 2, (short) length);
    } else {
      begin = 0;
      ByteBuffer.wrap(buf).put(begin + 1, (byte) 127).putLong(begin + 2, length);
    }
    buf[begin] = (byte) (FIN | opCode);
    return ByteBuffer.wrap(buf, begin, count - begin).slice().asReadOnlyBuffer();
  }
}

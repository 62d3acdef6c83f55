package io.heliograph.support;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One frame as it is on the wire (RFC 6455 section 5.2), right or deliberately wrong.
 *
 * @param first FIN, the reserved bits and the opcode
 */
public record RawFrame(int first, byte[] payload) {

  public static final int CONTINUATION = 0x0;
  public static final int TEXT = 0x1;
  public static final int BINARY = 0x2;
  public static final int CLOSE = 0x8;
  public static final int PING = 0x9;
  public static final int PONG = 0xA;

  private static final byte[] MASK = {0x37, (byte) 0xFA, 0x21, 0x3D};

  public static RawFrame text(String text) {
    return of(TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  public static RawFrame of(int opcode, byte[] payload) {
    return new RawFrame(0x80 | opcode, payload);
  }

  public static RawFrame fragment(int opcode, byte[] payload) {
    return new RawFrame(opcode, payload);
  }

  public static RawFrame fragment(int opcode, String text) {
    return fragment(opcode, text.getBytes(StandardCharsets.UTF_8));
  }

  public static RawFrame close(int code, String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    return of(CLOSE, ByteBuffer.allocate(2 + text.length).putShort((short) code).put(text).array());
  }

  public int opcode() {
    return first & 0x0F;
  }

  public String text() {
    return new String(payload, StandardCharsets.UTF_8);
  }

  /** Of a close frame; 1005 when it has none. */
  public int closeCode() {
    return payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xFFFF;
  }

  /** As a client must send it. */
  public byte[] masked() {
    return bytes(MASK);
  }

  /** As only a server may send it. */
  public byte[] unmasked() {
    return bytes(null);
  }

  private byte[] bytes(byte @org.jspecify.annotations.Nullable [] mask) {
    var out = new ByteArrayOutputStream();
    out.write(first);
    int maskBit = mask == null ? 0 : 0x80;
    if (payload.length < 126) {
      out.write(maskBit | payload.length);
    } else if (payload.length < 65_536) {
      out.write(maskBit | 126);
      out.writeBytes(ByteBuffer.allocate(2).putShort((short) payload.length).array());
    } else {
      out.write(maskBit | 127);
      out.writeBytes(ByteBuffer.allocate(8).putLong(payload.length).array());
    }
    byte[] body = payload.clone();
    if (mask != null) {
      out.writeBytes(mask);
      for (int i = 0; i < body.length; i++) {
        body[i] ^= mask[i % 4];
      }
    }
    out.writeBytes(body);
    return out.toByteArray();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RawFrame frame
        && first == frame.first
        && Arrays.equals(payload, frame.payload);
  }

  @Override
  public int hashCode() {
    return 31 * first + Arrays.hashCode(payload);
  }

  @Override
  public String toString() {
    return "%02x %d bytes: %s"
        .formatted(first, payload.length, text().substring(0, Math.min(40, text().length())));
  }
}

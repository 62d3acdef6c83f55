package io.heliograph.transport.engineio;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Base64;

/**
 * The body of an answer to a poll: packets with a separator between them. Made of the WebSocket
 * frames that would carry the same packets, without their headers; a binary packet is written in
 * base64 behind a {@code b}.
 */
final class PollPayload {

  private static final int BINARY = 2;
  private static final int OPCODE = 0x0f;

  private PollPayload() {}

  /** Consumes the frames. */
  static ByteBuffer of(ByteBuffer[] frames) {
    int size = 0;
    for (ByteBuffer frame : frames) {
      size += frame.remaining();
    }
    var body = new Body(size);
    for (ByteBuffer frame : frames) {
      while (frame.hasRemaining()) {
        body.add(frame.get() & OPCODE, payload(frame));
      }
    }
    return body.buffer();
  }

  /** The rest of a server's frame: its length, and as many bytes. */
  private static ByteBuffer payload(ByteBuffer frame) {
    int length = frame.get() & 0x7f;
    if (length == 126) {
      length = frame.getShort() & 0xffff;
    } else if (length == 127) {
      length = Math.toIntExact(frame.getLong());
    }
    ByteBuffer payload = frame.slice(frame.position(), length);
    frame.position(frame.position() + length);
    return payload;
  }

  private static final class Body extends ByteArrayOutputStream {

    Body(int size) {
      super(Math.max(32, size));
    }

    void add(int opcode, ByteBuffer payload) {
      if (count > 0) {
        write(EngineFraming.SEPARATOR);
      }
      byte[] bytes = new byte[payload.remaining()];
      payload.get(bytes);
      if (opcode == BINARY) {
        write('b');
        writeBytes(Base64.getEncoder().encode(bytes));
      } else {
        writeBytes(bytes);
      }
    }

    ByteBuffer buffer() {
      return ByteBuffer.wrap(buf, 0, count);
    }
  }
}

package io.heliograph.protocol.stomp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Writes one frame, or a part of one. */
final class FrameWriter {

  static final String JSON = "application/json";

  private final StompVersion version;
  private final StringBuilder text = new StringBuilder(256);

  private FrameWriter(StompVersion version) {
    this.version = version;
  }

  static FrameWriter frame(String command, StompVersion version) {
    FrameWriter writer = new FrameWriter(version);
    writer.text.append(command).append('\n');
    return writer;
  }

  /** Further headers and the body of a frame that begins elsewhere. */
  static FrameWriter rest(StompVersion version) {
    return new FrameWriter(version);
  }

  /** Null writes nothing. */
  FrameWriter header(String name, @Nullable String value) {
    if (value != null) {
      text.append(name).append(':').append(version.escape(value)).append('\n');
    }
    return this;
  }

  /** What was written so far: the beginning of a frame. */
  ByteBuffer begin() {
    return ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8)).asReadOnlyBuffer();
  }

  ByteBuffer end() {
    return bytes(new byte[0]);
  }

  ByteBuffer end(String json) {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    header("content-type", JSON);
    header("content-length", Integer.toString(body.length));
    return bytes(body);
  }

  private ByteBuffer bytes(byte[] body) {
    byte[] head = text.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(head.length + body.length + 1)
        .put(head)
        .put(body)
        .put((byte) 0)
        .flip();
  }
}

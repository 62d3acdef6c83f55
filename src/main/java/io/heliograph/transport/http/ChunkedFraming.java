package io.heliograph.transport.http;

import io.heliograph.session.Framing;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Chunks of HTTP/1.1 (RFC 9112 section 7.1): a payload, with its head, is one chunk. */
public enum ChunkedFraming implements Framing {
  CHUNKED;

  private static final byte[] END = {'\r', '\n'};

  /** The last chunk: with it a response is complete, without it it was cut. */
  static final ByteBuffer LAST =
      ByteBuffer.wrap("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII)).asReadOnlyBuffer();

  @Override
  public ByteBuffer begin(ByteBuffer head, ByteBuffer payload) {
    int length = head.remaining() + payload.remaining();
    if (length == 0) {
      throw new IllegalArgumentException("an empty chunk would end the response");
    }
    byte[] size = Integer.toHexString(length).getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(size.length + END.length + head.remaining())
        .put(size)
        .put(END)
        .put(head.duplicate())
        .flip()
        .asReadOnlyBuffer();
  }

  @Override
  public ByteBuffer rest(ByteBuffer payload) {
    return ByteBuffer.allocate(payload.remaining() + END.length)
        .put(payload.duplicate())
        .put(END)
        .flip()
        .asReadOnlyBuffer();
  }
}

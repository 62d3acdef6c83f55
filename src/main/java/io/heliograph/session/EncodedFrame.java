package io.heliograph.session;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A message on its way to many sessions: encoded once for each wire protocol, not once for each
 * session. Threads may race to encode; the result is the same.
 */
public final class EncodedFrame {

  private record Encoded(Codec protocol, ByteBuffer bytes, @Nullable Encoded next) {}

  private final ServerEvent frame;
  private volatile @Nullable Encoded encoded;

  public EncodedFrame(ServerEvent frame) {
    this.frame = frame;
  }

  ServerEvent frame() {
    return frame;
  }

  /** A shared read-only buffer; duplicate it before consuming. */
  @SuppressWarnings("ReferenceEquality") // one object for all lines of a kind
  ByteBuffer bytes(Codec protocol) {
    Encoded first = encoded;
    for (Encoded each = first; each != null; each = each.next()) {
      if (each.protocol() == protocol) {
        return each.bytes();
      }
    }
    ByteBuffer bytes = protocol.encode(frame);
    encoded = new Encoded(protocol, bytes, first);
    return bytes;
  }
}

package io.heliograph.session;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A message on its way to many sessions: encoded once for each protocol, not once for each session.
 * Threads may race to encode; the result is the same. A codec that refuses the message is asked
 * once, too.
 */
public final class EncodedFrame {

  /**
   * What one codec made of the frame.
   *
   * @param bytes a shared read-only buffer, to be duplicated before it is consumed; null when the
   *     codec refused the frame
   * @param refusal what the codec threw; null when it did not
   */
  record Encoded(
      Codec protocol,
      @Nullable ByteBuffer bytes,
      @Nullable Throwable refusal,
      @Nullable Encoded next) {}

  private final ServerEvent frame;
  private volatile @Nullable Encoded encoded;

  public EncodedFrame(ServerEvent frame) {
    this.frame = frame;
  }

  ServerEvent frame() {
    return frame;
  }

  /** Never throws. */
  @SuppressWarnings("ReferenceEquality") // one object for all lines of a kind
  Encoded encoded(Codec protocol) {
    Encoded first = encoded;
    for (Encoded each = first; each != null; each = each.next()) {
      if (each.protocol() == protocol) {
        return each;
      }
    }
    Encoded fresh;
    try {
      fresh = new Encoded(protocol, protocol.encode(frame), null, first);
    } catch (Throwable e) {
      fresh = new Encoded(protocol, null, e, first);
    }
    encoded = fresh;
    return fresh;
  }
}

package io.heliograph.session;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A message on its way to many sessions: encoded once for each protocol and framed once for each
 * kind of transport, not once for each session. Threads may race to encode; the result is the same.
 * A codec that refuses the message is asked once, too.
 */
public final class EncodedFrame {

  /**
   * The event in one encoding.
   *
   * @param payload null when the codec refused the event
   * @param bytes a shared read-only buffer, to be duplicated before it is consumed: the whole
   *     frame, or the rest of it when each copy has a head of its own; null when the codec refused
   * @param refusal what the codec threw; null when it did not
   */
  record Encoded(
      Encoding encoding,
      @Nullable Payload payload,
      @Nullable ByteBuffer bytes,
      @Nullable Throwable refusal,
      @Nullable Encoded next) {}

  private final ServerEvent event;
  private volatile @Nullable Encoded encoded;

  public EncodedFrame(ServerEvent event) {
    this.event = event;
  }

  /** Never throws. */
  @SuppressWarnings("ReferenceEquality") // one object for all transports of a kind
  Encoded encoded(Encoding encoding) {
    Encoded first = encoded;
    Encoded sameCodec = null;
    for (Encoded each = first; each != null; each = each.next()) {
      if (each.encoding() == encoding) {
        return each;
      }
      if (each.encoding().codec() == encoding.codec()) {
        sameCodec = each;
      }
    }
    Encoded fresh;
    try {
      fresh =
          sameCodec != null && sameCodec.refusal() != null
              ? new Encoded(encoding, null, null, sameCodec.refusal(), first)
              : encode(encoding, sameCodec == null ? null : sameCodec.payload(), first);
    } catch (Throwable e) {
      fresh = new Encoded(encoding, null, null, e, first);
    }
    encoded = fresh;
    return fresh;
  }

  private Encoded encode(Encoding encoding, @Nullable Payload shared, @Nullable Encoded next) {
    Payload payload = shared != null ? shared : encoding.codec().encode(event);
    ByteBuffer bytes =
        payload.head() == null
            ? encoding.frame(payload)
            : encoding.framing().rest(payload.bytes()).asReadOnlyBuffer();
    return new Encoded(encoding, payload, bytes, null, next);
  }
}

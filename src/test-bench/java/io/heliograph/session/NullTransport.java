package io.heliograph.session;

import io.heliograph.support.IdleTransport;
import java.nio.ByteBuffer;

/** A transport that takes everything at once and keeps nothing. */
final class NullTransport implements IdleTransport {

  private static final ByteBuffer FRAME = ByteBuffer.allocate(300).asReadOnlyBuffer();
  private static final Encoding ENCODING = new Encoding(_ -> new Payload(FRAME), Framing.NONE);
  private static final TransportInfo INFO = new TransportInfo("null", "null", Liveness.PING, false);

  @Override
  public TransportInfo info() {
    return INFO;
  }

  @Override
  public Encoding encoding() {
    return ENCODING;
  }
}

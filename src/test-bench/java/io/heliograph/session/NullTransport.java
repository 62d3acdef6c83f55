package io.heliograph.session;

import java.nio.ByteBuffer;

/** A line that takes everything at once and keeps nothing. */
final class NullTransport implements Transport {

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

  @Override
  public String remoteAddress() {
    return "192.0.2.1";
  }

  @Override
  public void write(ByteBuffer[] frames, WriteCallback done) {
    done.written(null);
  }

  @Override
  public void ping(int number) {}

  @Override
  public void close(CloseReason reason) {}

  @Override
  public boolean hasEnded() {
    return false;
  }

  @Override
  public void abort() {}
}

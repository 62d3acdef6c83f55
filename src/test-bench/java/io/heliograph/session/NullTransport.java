package io.heliograph.session;

import java.nio.ByteBuffer;

/** A line that takes everything at once and keeps nothing. */
final class NullTransport implements Transport {

  private static final ByteBuffer FRAME = ByteBuffer.allocate(300).asReadOnlyBuffer();
  private static final Codec PROTOCOL = _ -> FRAME;

  @Override
  public Codec protocol() {
    return PROTOCOL;
  }

  @Override
  public String kind() {
    return "null";
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
  public void ping() {}

  @Override
  public void close(CloseReason reason) {}

  @Override
  public void abort() {}
}

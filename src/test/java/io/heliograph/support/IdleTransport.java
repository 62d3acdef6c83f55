package io.heliograph.support;

import io.heliograph.session.CloseReason;
import io.heliograph.session.DuplexTransport;
import java.nio.ByteBuffer;

/**
 * A transport that takes each write at once and does nothing else; tests override what they need.
 */
public interface IdleTransport extends DuplexTransport {

  @Override
  default String remoteAddress() {
    return "192.0.2.1";
  }

  @Override
  default void write(ByteBuffer[] frames, WriteCallback done) {
    done.written(null);
  }

  @Override
  default void ping(int number) {}

  @Override
  default void close(CloseReason reason) {}

  @Override
  default boolean hasEnded() {
    return false;
  }

  @Override
  default void abort() {}

  @Override
  default void pauseReading() {}

  @Override
  default void resumeReading() {}
}

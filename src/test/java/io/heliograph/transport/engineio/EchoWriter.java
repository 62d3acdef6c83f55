package io.heliograph.transport.engineio;

import io.heliograph.session.DuplexTransport;
import io.heliograph.session.Transport.WriteCallback;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Writes frames in order, one write at a time, as a session does. */
public final class EchoWriter implements WriteCallback {

  private final DuplexTransport transport;

  // Guarded by this.
  private final ArrayDeque<ByteBuffer> waiting = new ArrayDeque<>();
  private boolean writing;

  public EchoWriter(DuplexTransport transport) {
    this.transport = transport;
  }

  public void write(ByteBuffer frame) {
    synchronized (this) {
      waiting.add(frame);
    }
    next();
  }

  private void next() {
    ByteBuffer[] frames;
    synchronized (this) {
      if (writing || waiting.isEmpty()) {
        return;
      }
      writing = true;
      frames = new ByteBuffer[] {waiting.remove()};
    }
    transport.write(frames, this);
  }

  @Override
  public void written(@Nullable Throwable failure) {
    synchronized (this) {
      writing = false;
    }
    if (failure == null) {
      next();
    }
  }

  @Override
  public synchronized ByteBuffer[] more() {
    ByteBuffer[] more = waiting.toArray(ByteBuffer[]::new);
    waiting.clear();
    return more;
  }
}

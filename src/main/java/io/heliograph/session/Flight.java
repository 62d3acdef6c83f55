package io.heliograph.session;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One write that is under way. Its value tells whether one of the two, the writer's return and the
 * completion, has passed: the second of them goes on with the queue, so that writes that complete
 * at once make a loop and no recursion.
 */
final class Flight extends AtomicBoolean implements Transport.WriteCallback {

  private static final long serialVersionUID = 1L;

  private final transient Session session;
  private final transient List<Outbox.Entry> entries;
  private transient volatile @Nullable Throwable failure;

  Flight(Session session, List<Outbox.Entry> entries) {
    this.session = session;
    this.entries = entries;
  }

  List<Outbox.Entry> entries() {
    return entries;
  }

  ByteBuffer[] frames() {
    var frames = new ByteBuffer[entries.size()];
    for (int i = 0; i < frames.length; i++) {
      frames[i] = entries.get(i).bytes().duplicate();
    }
    return frames;
  }

  @Nullable Throwable failure() {
    return failure;
  }

  /** True for the second caller. */
  boolean passesSecond() {
    return getAndSet(true);
  }

  @Override
  public void written(@Nullable Throwable cause) {
    failure = cause;
    if (passesSecond()) {
      session.goOn(this);
    }
  }
}

package io.heliograph.session;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One write that is under way, and what waits for its end. Its value tells whether one of the two,
 * the writer's return and the completion, has passed: the second of them goes on with the queue, so
 * that writes that complete at once make a loop and no recursion.
 *
 * <p>What waits is guarded by the session's lock.
 */
final class PendingWrite extends AtomicBoolean implements Transport.WriteCallback {

  private static final long serialVersionUID = 1L;

  private final transient Line line;
  private final transient List<SendQueue.Entry> entries;

  /** When it began, or when some of it was last seen to have left. */
  private long sinceNanos;

  /** What of it had not left then, in bytes; -1: nobody has looked yet. */
  private int unsent = -1;

  /** The transport consumes them as they leave, which shows that it goes on. */
  private transient volatile ByteBuffer @Nullable [] frames;

  private transient @Nullable SendQueue waiting;
  private transient volatile @Nullable Throwable failure;

  /**
   * @param waiting null: nothing yet
   */
  PendingWrite(
      Line line, List<SendQueue.Entry> entries, @Nullable SendQueue waiting, long sinceNanos) {
    this.line = line;
    this.entries = entries;
    this.waiting = waiting;
    this.sinceNanos = sinceNanos;
  }

  List<SendQueue.Entry> entries() {
    return entries;
  }

  long sinceNanos() {
    return sinceNanos;
  }

  ByteBuffer[] frames() {
    // By index, since this is run for each copy of a message: iterators would be garbage.
    int parts = 0;
    for (int e = 0; e < entries.size(); e++) {
      parts += entries.get(e).parts();
    }
    var views = new ByteBuffer[parts];
    int i = 0;
    for (int e = 0; e < entries.size(); e++) {
      SendQueue.Entry entry = entries.get(e);
      views[i++] = entry.bytes().duplicate();
      for (int more = 0; more < entry.parts() - 1; more++) {
        views[i++] = entry.more(more).duplicate();
      }
    }
    frames = views;
    return views;
  }

  /** Whether some of it has left since the last call, or since it began. */
  boolean hasProgressed(long nowNanos) {
    ByteBuffer[] views = frames;
    if (views == null) {
      return false;
    }
    // Read while the transport writes: a number that is out of date shows less than has left.
    int left = 0;
    for (ByteBuffer view : views) {
      left += view.remaining();
    }
    if (left == unsent) {
      return false;
    }
    boolean first = unsent < 0;
    unsent = left;
    if (!first) {
      sinceNanos = nowNanos;
    }
    return !first;
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
      line.goOn(this);
    }
  }

  // What waits ------------------------------------------------------------------------------------

  void hold(SendQueue.Entry entry) {
    if (waiting == null) {
      waiting = new SendQueue();
    }
    waiting.add(entry);
  }

  boolean hasRoomFor(SendQueue.Entry entry, int maxBytes) {
    return waiting == null || waiting.isEmpty() || waiting.bytes() + entry.size() <= maxBytes;
  }

  boolean dropMessages(Predicate<Subscription> which) {
    return waiting != null && waiting.dropMessages(which);
  }

  int queuedBytes() {
    return waiting == null ? 0 : waiting.bytes();
  }

  void forgetWaiting() {
    waiting = null;
  }

  /** The first of those that wait, with the rest waiting for it; null when none waits. */
  @Nullable PendingWrite next(LongSupplier nanoTime) {
    return waiting == null || waiting.isEmpty()
        ? null
        : new PendingWrite(line, waiting.nextFlush(), waiting, nanoTime.getAsLong());
  }
}

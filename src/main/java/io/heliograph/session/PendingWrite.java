package io.heliograph.session;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A write in progress, and the frames that wait for its end. Its value is set by whichever comes
 * first, the return of {@link Transport#write} or the completion callback; the second continues
 * with the queue. That turns writes which complete at once into a loop instead of recursion.
 *
 * <p>The frames that wait are guarded by the session's lock.
 */
final class PendingWrite extends AtomicBoolean implements Transport.WriteCallback {

  private static final long serialVersionUID = 1L;

  private final transient SessionWriter writer;

  /** Grows while the write waits for a connection. */
  private transient volatile List<QueuedFrame> frames;

  /** When it began, or when some of it was last seen to have left. */
  private long sinceNanos;

  /** The bytes of it that had not left then; -1: not looked at yet. */
  private int unsent = -1;

  /** The transport consumes them as they leave, which shows progress. */
  private transient volatile ByteBuffer @Nullable [] buffers;

  private transient @Nullable SendQueue waiting;
  private transient volatile @Nullable Throwable failure;

  /**
   * @param waiting null: nothing yet
   */
  PendingWrite(
      SessionWriter writer,
      List<QueuedFrame> frames,
      @Nullable SendQueue waiting,
      long sinceNanos) {
    this.writer = writer;
    this.frames = frames;
    this.waiting = waiting;
    this.sinceNanos = sinceNanos;
  }

  List<QueuedFrame> frames() {
    return frames;
  }

  long sinceNanos() {
    return sinceNanos;
  }

  /** What the transport gets; called once. */
  ByteBuffer[] buffers() {
    ByteBuffer[] views = views(frames);
    buffers = views;
    return views;
  }

  private static ByteBuffer[] views(List<QueuedFrame> frames) {
    // By index, because this runs for each copy of a message: iterators would be garbage.
    int parts = 0;
    for (int f = 0; f < frames.size(); f++) {
      parts += frames.get(f).parts();
    }
    var views = new ByteBuffer[parts];
    int i = 0;
    for (int f = 0; f < frames.size(); f++) {
      QueuedFrame frame = frames.get(f);
      for (int part = 0; part < frame.parts(); part++) {
        views[i++] = frame.part(part).duplicate();
      }
    }
    return views;
  }

  /** Whether some of it has left since the last call, or since it began. */
  boolean hasProgressed(long nowNanos) {
    ByteBuffer[] views = buffers;
    if (views == null) {
      return false;
    }
    // Read while the transport writes: an outdated number shows less than has left.
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
      writer.onCompleted(this);
    }
  }

  @Override
  public ByteBuffer[] more() {
    return views(writer.join(this));
  }

  // The frames that wait --------------------------------------------------------------------------

  void add(QueuedFrame frame) {
    if (waiting == null) {
      waiting = new SendQueue();
    }
    waiting.add(frame);
  }

  boolean hasRoomFor(QueuedFrame frame, int maxBytes) {
    return waiting == null || waiting.isEmpty() || waiting.bytes() + frame.size() <= maxBytes;
  }

  boolean dropMessages(Predicate<Subscription> which) {
    return waiting != null && waiting.dropMessages(which);
  }

  int queuedBytes() {
    return waiting == null ? 0 : waiting.bytes();
  }

  void dropAll() {
    waiting = null;
  }

  /** Takes what waits into this write, as far as it fits into one flush. */
  List<QueuedFrame> join() {
    if (waiting == null || waiting.isEmpty()) {
      return List.of();
    }
    List<QueuedFrame> joined = waiting.nextFlush();
    frames = Stream.concat(frames.stream(), joined.stream()).toList();
    return joined;
  }

  /** The next flush, with the rest waiting for it; null when nothing waits. */
  @Nullable PendingWrite next(LongSupplier nanoTime) {
    return waiting == null || waiting.isEmpty()
        ? null
        : new PendingWrite(writer, waiting.nextFlush(), waiting, nanoTime.getAsLong());
  }
}

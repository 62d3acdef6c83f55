package io.heliograph.session;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;

/**
 * The frames that wait while a write is in progress, bounded in bytes. Exists only while something
 * waits, so that it costs an idle session nothing. Guarded by the session's lock.
 */
final class SendQueue {

  /**
   * The most that goes out in one flush: enough to fill a packet train, little enough to stay fair.
   */
  private static final int MAX_FRAMES = 64;

  private static final int MAX_BYTES = 128 * 1024;

  private final ArrayDeque<QueuedFrame> frames = new ArrayDeque<>(4);
  private int bytes;

  void add(QueuedFrame frame) {
    frames.add(frame);
    bytes += frame.size();
  }

  int bytes() {
    return bytes;
  }

  boolean isEmpty() {
    return frames.isEmpty();
  }

  List<QueuedFrame> nextFlush() {
    List<QueuedFrame> flush = new ArrayList<>(Math.min(frames.size(), MAX_FRAMES));
    int flushBytes = 0;
    while (flush.size() < MAX_FRAMES && !frames.isEmpty()) {
      int size = frames.peek().size();
      if (!flush.isEmpty() && flushBytes + size > MAX_BYTES) {
        break;
      }
      flush.add(frames.remove());
      flushBytes += size;
    }
    bytes -= flushBytes;
    return flush;
  }

  /**
   * Removes the messages of some subscriptions and marks those behind; answers and states stay.
   *
   * @return false when it held no such message
   */
  boolean dropMessages(Predicate<Subscription> which) {
    int before = frames.size();
    Iterator<QueuedFrame> newestFirst = frames.descendingIterator();
    while (newestFirst.hasNext()) {
      QueuedFrame frame = newestFirst.next();
      Subscription subscription = frame.subscription();
      if (frame.message() != null && subscription != null && which.test(subscription)) {
        subscription.dropped(frame.message().position());
        newestFirst.remove();
        bytes -= frame.size();
      }
    }
    return frames.size() < before;
  }
}

package io.heliograph.session;

import io.heliograph.message.Message;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a session is owed while its line is busy, bounded in bytes. Exists only while something
 * waits, so that an idle session does not pay for it. Guarded by the session's lock.
 */
final class SendQueue {

  /**
   * The most that goes out in one flush: enough to fill a packet train, little enough to stay fair.
   */
  private static final int MAX_FRAMES = 64;

  private static final int MAX_BYTES = 128 * 1024;

  /** What the client gets with a frame. */
  enum Kind {
    ANSWER,
    /** A message that was announced just now. */
    LIVE,
    /** A message that was read from the log. */
    RECOVERED,
    /** A notice that the message is missing, because the codec refused it. */
    GAP
  }

  /**
   * One encoded frame, or the copies of a message that have heads of their own.
   *
   * @param bytes the frame, or the first part
   * @param more the other parts, in order; null: none
   * @param message null when it is an answer
   * @param subscription which may be read again, should the queue be dropped; null: it stays in the
   *     queue, as answers do, and states, which are few and small
   */
  record Entry(
      ByteBuffer bytes,
      ByteBuffer @Nullable [] more,
      @Nullable Message message,
      @Nullable Subscription subscription,
      Kind kind) {

    static Entry answer(ByteBuffer bytes) {
      return new Entry(bytes, null, null, null, Kind.ANSWER);
    }

    int size() {
      int size = bytes.remaining();
      if (more != null) {
        for (ByteBuffer part : more) {
          size += part.remaining();
        }
      }
      return size;
    }

    ByteBuffer more(int index) {
      return Objects.requireNonNull(more)[index];
    }

    int parts() {
      return more == null ? 1 : 1 + more.length;
    }
  }

  private final ArrayDeque<Entry> entries = new ArrayDeque<>(4);
  private int bytes;

  void add(Entry entry) {
    entries.add(entry);
    bytes += entry.size();
  }

  int bytes() {
    return bytes;
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  List<Entry> nextFlush() {
    List<Entry> flush = new ArrayList<>(Math.min(entries.size(), MAX_FRAMES));
    int flushBytes = 0;
    while (flush.size() < MAX_FRAMES && !entries.isEmpty()) {
      int size = entries.peek().size();
      if (!flush.isEmpty() && flushBytes + size > MAX_BYTES) {
        break;
      }
      flush.add(entries.remove());
      flushBytes += size;
    }
    bytes -= flushBytes;
    return flush;
  }

  /**
   * Takes the messages of some subscriptions out and marks those behind; answers and states stay.
   * False: it held none.
   */
  boolean dropMessages(Predicate<Subscription> which) {
    int before = entries.size();
    Iterator<Entry> newestFirst = entries.descendingIterator();
    while (newestFirst.hasNext()) {
      Entry entry = newestFirst.next();
      Subscription subscription = entry.subscription();
      if (entry.message() != null && subscription != null && which.test(subscription)) {
        subscription.dropped(entry.message().position());
        newestFirst.remove();
        bytes -= entry.size();
      }
    }
    return entries.size() < before;
  }
}

package io.heliograph.broker.memory;

import io.heliograph.broker.LogProperties;
import io.heliograph.broker.ReceiptWish;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.History;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The messages of one channel. Not thread-safe: guarded by the broker's lock. */
final class ChannelLog {

  /**
   * The approximate cost of an empty log and of a message besides its text, so that many tiny
   * messages count too.
   */
  static final int LOG_OVERHEAD = 512;

  private static final int MESSAGE_OVERHEAD = 160;

  record Unannounced(Message message, @Nullable ReceiptWish wish) {}

  private final Channel channel;
  private final LogProperties bounds;
  private final MessageRing retained = new MessageRing();
  private final Map<String, Long> offsetsByKey = new HashMap<>(0);

  /**
   * Messages to be announced, bounded. One thread at a time announces them, which keeps their
   * order.
   */
  final ArrayDeque<Unannounced> unannounced = new ArrayDeque<>(0);

  boolean announcing;

  /** One object, shared by all subscriptions that are there. */
  private Position head;

  /**
   * The newest offset that was dropped because of a bound. Messages that were replaced by key do
   * not count as lost.
   */
  private long trimmedThrough;

  private long deliveredThrough;
  private long bytes;

  ChannelLog(Channel channel, LogProperties bounds, Position beginning) {
    this.channel = channel;
    this.bounds = bounds;
    this.head = beginning;
  }

  Channel channel() {
    return channel;
  }

  long totalBytes() {
    return LOG_OVERHEAD + bytes + (long) MESSAGE_OVERHEAD * retained.size();
  }

  Position head() {
    return head;
  }

  /**
   * Beyond the bound the oldest are dropped: the next announcement then shows a gap, and
   * subscriptions read the log.
   */
  void toAnnounce(Unannounced message) {
    if (unannounced.size() >= bounds.maxMessages()) {
      unannounced.remove();
    }
    unannounced.add(message);
  }

  Message append(Draft draft, Instant now) {
    head = head.at(head.offset() + 1);
    Message message = draft.at(channel, head);
    String key = message.key();
    if (key != null) {
      Long replaced = offsetsByKey.put(key, head.offset());
      if (replaced != null) {
        remove(replaced);
      }
    }
    CompactMessage kept =
        new CompactMessage(message, retained.isEmpty() ? null : retained.get(retained.size() - 1));
    retained.add(kept);
    bytes += kept.size();
    trim(now);
    return message;
  }

  /**
   * Drops messages beyond the bounds of age, bytes and number. The newest message stays, however
   * large.
   */
  void trim(Instant now) {
    long oldest = CompactMessage.nanos(now.minus(bounds.maxAge()));
    while (!retained.isEmpty()) {
      CompactMessage first = retained.get(0);
      boolean over =
          retained.size() > bounds.maxMessages()
              || (retained.size() > 1 && bytes > bounds.maxBytes().toBytes());
      boolean expired = first.expiredAt(now);
      if (!over && !expired && first.time() >= oldest) {
        return;
      }
      retained.removeFirst();
      bytes -= first.size();
      if (first.key() != null) {
        offsetsByKey.remove(first.key(), first.offset());
      }
      // An expired message is not a loss.
      if (!expired) {
        trimmedThrough = first.offset();
      }
    }
  }

  History after(@Nullable Position since, int limit, Instant now) {
    trim(now);
    if (since == null) {
      return page(0, limit, trimmedThrough == 0, now);
    }
    if (!since.epoch().equals(head.epoch())) {
      return page(0, limit, false, now);
    }
    if (since.offset() > head.offset()) {
      return new History(List.of(), head, head, false);
    }
    return page(since.offset(), limit, since.offset() >= trimmedThrough, now);
  }

  History undelivered(int limit, Instant now) {
    trim(now);
    return page(deliveredThrough, limit, deliveredThrough >= trimmedThrough, now);
  }

  void markDelivered(Position position) {
    if (position.epoch().equals(head.epoch()) && position.offset() <= head.offset()) {
      deliveredThrough = Math.max(deliveredThrough, position.offset());
    }
  }

  private History page(long after, int limit, boolean complete, Instant now) {
    List<Message> page = new ArrayList<>();
    for (int i = retained.indexAfter(after); i < retained.size(); i++) {
      CompactMessage kept = retained.get(i);
      if (page.size() == limit) {
        return new History(page, page.getLast().position(), head, complete);
      }
      if (!kept.expiredAt(now)) {
        page.add(kept.message(channel, head.epoch()));
      }
    }
    return new History(page, head, head, complete);
  }

  private void remove(long offset) {
    CompactMessage removed = retained.remove(offset);
    if (removed != null) {
      bytes -= removed.size();
    }
  }
}

package io.heliograph.broker.memory;

import io.heliograph.message.Channel;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import io.heliograph.message.TraceParent;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A message in its log: three objects instead of nine. Messages outlive the young collections,
 * which copy them while the node stands still, and most are never read again. Immutable.
 */
final class CompactMessage {

  private static final long NEVER = Long.MAX_VALUE;

  private final long offset;

  /** Times are in nanoseconds since 1970. */
  private final long time;

  private final long expires;

  private final long idHigh;
  private final long idLow;

  /** The id when it is not a UUID in canonical form; else null. */
  private final @Nullable String otherId;

  private final String event;
  private final String data;
  private final @Nullable String key;
  private final @Nullable String from;
  private final @Nullable TraceParent trace;

  /**
   * @param before the previous message; texts that are equal are shared with it
   */
  CompactMessage(Message message, @Nullable CompactMessage before) {
    offset = message.position().offset();
    time = nanos(message.time());
    Instant end = message.expires();
    expires = end == null ? NEVER : nanos(end);
    UUID uuid = uuid(message.id());
    otherId = uuid == null ? message.id() : null;
    idHigh = uuid == null ? 0 : uuid.getMostSignificantBits();
    idLow = uuid == null ? 0 : uuid.getLeastSignificantBits();
    event = before != null && before.event.equals(message.event()) ? before.event : message.event();
    data = message.data();
    key = message.key();
    from = message.from();
    trace = message.trace();
  }

  Message message(Channel channel, String epoch) {
    return new Message(
        otherId == null ? new UUID(idHigh, idLow).toString() : otherId,
        channel,
        new Position(epoch, offset),
        event,
        data,
        instant(time),
        expires == NEVER ? null : instant(expires),
        key,
        from,
        trace);
  }

  long offset() {
    return offset;
  }

  /** The time of publishing, in nanoseconds since 1970. */
  long time() {
    return time;
  }

  boolean expiredAt(Instant now) {
    return expires != NEVER && nanos(now) >= expires;
  }

  @Nullable String key() {
    return key;
  }

  /** Characters of text. */
  long size() {
    return (long) data.length() + event.length();
  }

  /** Nanoseconds since 1970, clamped to their range of some centuries. */
  static long nanos(Instant instant) {
    long seconds = instant.getEpochSecond();
    long most = Long.MAX_VALUE / 1_000_000_000 - 1;
    if (Math.abs(seconds) > most) {
      return seconds < 0 ? Long.MIN_VALUE : NEVER - 1;
    }
    return seconds * 1_000_000_000 + instant.getNano();
  }

  private static Instant instant(long nanos) {
    return Instant.ofEpochSecond(
        Math.floorDiv(nanos, 1_000_000_000L), Math.floorMod(nanos, 1_000_000_000L));
  }

  private static @Nullable UUID uuid(String id) {
    if (id.length() != 36) {
      return null;
    }
    try {
      UUID uuid = UUID.fromString(id);
      return uuid.toString().equals(id) ? uuid : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}

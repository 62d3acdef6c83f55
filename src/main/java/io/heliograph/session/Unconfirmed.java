package io.heliograph.session;

import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How far one channel was written on a session's connection without a sign that the client received
 * it: the network takes bytes for a client that has gone, too. Exists only while something is
 * unconfirmed. Guarded by the session's lock.
 */
final class Unconfirmed {

  /** What the client is now known to have. */
  record Confirmed(Channel channel, Position position, @Nullable Confirmed next) {}

  private final Channel channel;
  private Position written;

  /** What had been written when the last ping was sent; null: nothing since it was confirmed. */
  private @Nullable Position asked;

  /** The same for the ping before, where clients do not answer pings. */
  private @Nullable Position askedBefore;

  private @Nullable Unconfirmed next;

  private Unconfirmed(Channel channel, Position written, @Nullable Unconfirmed next) {
    this.channel = channel;
    this.written = written;
    this.next = next;
  }

  static Unconfirmed written(@Nullable Unconfirmed first, Channel channel, Position position) {
    for (Unconfirmed each = first; each != null; each = each.next) {
      if (each.channel.equals(channel)) {
        each.written = position;
        return Objects.requireNonNull(first);
      }
    }
    return new Unconfirmed(channel, position, first);
  }

  /** Whether something was written that no ping has followed. */
  static boolean anyUnasked(@Nullable Unconfirmed first) {
    for (Unconfirmed each = first; each != null; each = each.next) {
      if (each.asked == null) {
        return true;
      }
    }
    return false;
  }

  /** A ping follows all that was written; its answer confirms it. */
  static void ask(@Nullable Unconfirmed first) {
    for (Unconfirmed each = first; each != null; each = each.next) {
      each.asked = each.written;
    }
  }

  /**
   * A ping follows that will not be answered.
   *
   * @return what was written two pings ago
   */
  static @Nullable Confirmed age(@Nullable Unconfirmed first) {
    Confirmed confirmed = null;
    for (Unconfirmed each = first; each != null; each = each.next) {
      if (each.askedBefore != null) {
        confirmed = new Confirmed(each.channel, each.askedBefore, confirmed);
      }
      each.askedBefore = each.asked;
      each.asked = each.written;
    }
    return confirmed;
  }

  /** The last ping was answered. */
  static @Nullable Confirmed answered(@Nullable Unconfirmed first) {
    Confirmed confirmed = null;
    for (Unconfirmed each = first; each != null; each = each.next) {
      if (each.asked != null) {
        confirmed = new Confirmed(each.channel, each.asked, confirmed);
        each.asked = null;
      }
    }
    return confirmed;
  }

  /** What is left when this was confirmed. */
  static @Nullable Unconfirmed without(@Nullable Unconfirmed first, @Nullable Confirmed confirmed) {
    Unconfirmed left = first;
    for (Confirmed each = confirmed; each != null; each = each.next()) {
      left = without(left, each.channel(), each.position());
    }
    return left;
  }

  static @Nullable Unconfirmed without(
      @Nullable Unconfirmed first, Channel channel, Position confirmed) {
    if (first == null) {
      return null;
    }
    if (first.channel.equals(channel)) {
      boolean all =
          !first.written.epoch().equals(confirmed.epoch())
              || first.written.offset() <= confirmed.offset();
      return all ? first.next : first;
    }
    first.next = without(first.next, channel, confirmed);
    return first;
  }
}

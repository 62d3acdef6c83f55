package io.heliograph.session;

import io.heliograph.message.Channel;
import io.heliograph.message.History;
import io.heliograph.message.Position;
import org.jspecify.annotations.Nullable;

/**
 * One session following one channel, with a cursor into the channel's log: the last message that was put on the
 * session's line or queue. Whatever happens on the way (a lost or late announcement, a slow browser, a reconnect, a
 * lost log), it is mended by the same move: mark it behind and read the log from the cursor.
 *
 * <p>All state is guarded by the session's lock.
 */
public final class Subscription {

  /** What is to be done with an announced message. */
  enum Offer {
    /** It is the next one: write it. */
    NEXT,
    /** Seen already, or it will be read from the log. */
    IGNORE,
    /** Something between was missed: read the log. */
    BEHIND
  }

  private enum State {
    /** The cursor is at the head, as far as announcements tell. */
    LIVE,
    /** The log holds more than the cursor; nobody reads it yet. */
    BEHIND,
    /** A page of the log is on its way. */
    READING
  }

  private final Session session;
  private final Channel channel;

  /** Where it stands in its {@link Followers}; guarded by theirs, not by the session. */
  int slot = -1;

  /** Behind from birth: what it starts with is read from the log like everything else that was missed. */
  private State state = State.BEHIND;

  /** Null until the start is known: then everything undelivered is owed. */
  private @Nullable Position cursor;

  /** The newest announcement that came while a page was on its way: whether the page already had it shows then. */
  private @Nullable Position heard;

  /** A dropped queue moved the cursor back while a page was on its way: that page no longer fits. */
  private boolean rewound;

  /** The wall clock's milliseconds at which the right to follow ends. */
  private volatile long expiresAtMillis = Long.MAX_VALUE;

  private @Nullable Position acknowledged;

  Subscription(Session session, Channel channel) {
    this.session = session;
    this.channel = channel;
  }

  public Session session() {
    return session;
  }

  public Channel channel() {
    return channel;
  }

  public long expiresAtMillis() {
    return expiresAtMillis;
  }

  public void expiresAtMillis(long millis) {
    expiresAtMillis = millis;
  }

  /** Null when the start is not known yet. */
  public @Nullable Position cursor() {
    synchronized (session) {
      return cursor;
    }
  }

  Offer offer(Position announced) {
    if (state == State.LIVE) {
      Position at = cursor;
      if (at == null || !at.epoch().equals(announced.epoch())) {
        state = State.BEHIND;
        return Offer.BEHIND;
      }
      if (announced.offset() == at.offset() + 1) {
        cursor = announced;
        return Offer.NEXT;
      }
      if (announced.offset() <= at.offset()) {
        return Offer.IGNORE;
      }
      state = State.BEHIND;
      return Offer.BEHIND;
    }
    if (state == State.READING && (heard == null || isAfter(announced, heard))) {
      heard = announced;
    }
    return Offer.IGNORE;
  }

  /** Whether it is behind and nobody reads yet; then the caller reads the log from the cursor. */
  boolean beginReading() {
    if (state != State.BEHIND) {
      return false;
    }
    state = State.READING;
    heard = null;
    rewound = false;
    return true;
  }

  /** Where reading begins; the caller has begun reading. */
  @Nullable Position readFrom() {
    return cursor;
  }

  /** The page could not be read, or not be used. */
  void readingFailed() {
    state = State.BEHIND;
  }

  /** True when the page that was read does not fit any more, and is to be thrown away. */
  boolean outdated() {
    return rewound;
  }

  /**
   * The page was put on the line up to here.
   *
   * @param through the last position that was put there
   */
  void caughtUpTo(Position through, History page) {
    cursor = through;
    boolean more =
        !through.equals(page.through())
            || !page.reachesHead()
            || (heard != null && isAfter(heard, page.head()));
    state = more ? State.BEHIND : State.LIVE;
  }

  /** The client says from where it wants to go on, or the start was found out. Read the log from there. */
  void restartFrom(@Nullable Position position) {
    cursor = position;
    rewound = true;
    if (state == State.LIVE) {
      state = State.BEHIND;
    }
  }

  /** The start is the log's head, nothing is owed; what was announced meanwhile is. */
  void startAt(Position head) {
    cursor = head;
    state = heard != null && isAfter(heard, head) ? State.BEHIND : State.LIVE;
  }

  /** Messages from this one on were taken off the queue again. */
  void dropped(Position first) {
    Position at = cursor;
    if (at == null || !at.epoch().equals(first.epoch()) || at.offset() >= first.offset()) {
      restartFrom(first.at(first.offset() - 1));
    }
  }

  /** Announcements may have been lost. */
  void suspect() {
    if (state == State.LIVE) {
      state = State.BEHIND;
    }
  }

  boolean isBehind() {
    return state == State.BEHIND;
  }

  /** Remembers the newest acknowledgement. */
  boolean acknowledge(Position position) {
    Position at = cursor;
    if (at == null || !at.epoch().equals(position.epoch()) || position.offset() > at.offset()) {
      return false;
    }
    if (acknowledged == null || isAfter(position, acknowledged)) {
      acknowledged = position;
    }
    return true;
  }

  /** Another epoch counts as after: only the log can tell. */
  private static boolean isAfter(Position one, Position other) {
    return !one.epoch().equals(other.epoch()) || one.offset() > other.offset();
  }
}

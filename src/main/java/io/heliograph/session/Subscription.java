package io.heliograph.session;

import io.heliograph.message.Channel;
import io.heliograph.message.History;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One session following one channel, with a cursor into the channel's log: the last message that
 * was put on the session's line or queue. Whatever happens on the way (a lost or late announcement,
 * a slow browser, a reconnect, a lost log), it is mended by the same move: mark it behind and read
 * the log from the cursor.
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
    READING,
    /** Registered, but nothing is sent before a restart. */
    PARKED
  }

  private final Session session;
  private final Channel channel;

  /** Where it stands in its {@link Subscribers}; guarded by theirs, not by the session. */
  int slot = -1;

  /** Reading from birth: what it starts with comes from the log like everything that was missed. */
  private State state = State.READING;

  /** Numbers the reads; only the latest one's page counts. */
  private int read;

  /** Null until the start is known. */
  private @Nullable Position cursor;

  /**
   * The newest announcement that came while a page was on its way: whether the page already had it
   * shows then.
   */
  private @Nullable Position heard;

  /** When the token that was shown for it ends, by the wall clock; null: none that ends was. */
  private volatile @Nullable Instant expires;

  private @Nullable Position acknowledged;

  /**
   * When the message at the cursor was accepted, for measuring how long acknowledging takes; null:
   * not known. All who follow the channel share the message's own.
   */
  private @Nullable Instant cursorAccepted;

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

  /**
   * When the token that was shown for this subscription ends; null: none that ends was shown. Where
   * the session's identity names the channel the subscription outlasts it.
   */
  public @Nullable Instant expires() {
    return expires;
  }

  void expires(@Nullable Instant end) {
    expires = end;
  }

  /** Null when the start is not known yet. */
  public @Nullable Position cursor() {
    synchronized (session) {
      return cursor;
    }
  }

  /** Null when nothing was acknowledged. */
  public @Nullable Position acknowledged() {
    synchronized (session) {
      return acknowledged;
    }
  }

  /**
   * When the message at this position was accepted; null unless it is the newest that was
   * announced.
   */
  public @Nullable Instant acceptedAt(Position position) {
    synchronized (session) {
      return position.equals(cursor) ? cursorAccepted : null;
    }
  }

  Offer offer(Message message) {
    Offer offer = offer(message.position());
    if (offer == Offer.NEXT) {
      cursorAccepted = message.time();
    }
    return offer;
  }

  Offer offer(Position announced) {
    if (state == State.LIVE) {
      Position at = cursor;
      if (at == null || !at.epoch().equals(announced.epoch())) {
        if (at != null && announced.offset() == 1 && at.isWithoutLog()) {
          cursor = announced;
          return Offer.NEXT;
        }
        fallBehind();
        return Offer.BEHIND;
      }
      if (announced.offset() == at.offset() + 1) {
        cursor = announced;
        return Offer.NEXT;
      }
      if (announced.offset() <= at.offset()) {
        return Offer.IGNORE;
      }
      fallBehind();
      return Offer.BEHIND;
    }
    if (state == State.READING && (heard == null || isAfter(announced, heard))) {
      heard = announced;
    }
    return Offer.IGNORE;
  }

  /** Takes up reading if it is behind and nobody reads; answers the number of the read, or 0. */
  int beginReading() {
    return state == State.BEHIND ? startReading() : 0;
  }

  /**
   * Begins anew, at whatever place the next page will say; a page that is on its way no longer
   * counts.
   */
  int restart() {
    return startReading();
  }

  private int startReading() {
    state = State.READING;
    heard = null;
    return ++read;
  }

  /** Sends nothing any more until it is begun anew; a page that is on its way is not wanted. */
  void park() {
    state = State.PARKED;
    cursor = null;
    cursorAccepted = null;
    heard = null;
  }

  boolean isParked() {
    return state == State.PARKED;
  }

  /** Whether the page of this read is still wanted. */
  boolean awaits(int numberOfRead) {
    return state == State.READING && read == numberOfRead;
  }

  /** The first page is not delivered yet, but it is known where it begins. */
  void startsAfter(Position position) {
    if (cursor == null) {
      cursor = position;
    }
  }

  /** The page could not be read. */
  void readingFailed(int numberOfRead) {
    if (awaits(numberOfRead)) {
      fallBehind();
    }
  }

  /**
   * The page that was awaited was put on the line.
   *
   * @param through the last position that was put there; before the page's end when there was no
   *     room for all
   */
  void caughtUpTo(Position through, History page) {
    cursor = through;
    cursorAccepted = null;
    boolean more = !through.equals(page.head()) || (heard != null && isAfter(heard, page.head()));
    if (more) {
      fallBehind();
    } else {
      state = State.LIVE;
    }
  }

  /** Messages from this one on were taken off the queue again. */
  void dropped(Position first) {
    if (isParked()) {
      return;
    }
    Position at = cursor;
    if (at == null || !at.epoch().equals(first.epoch()) || at.offset() >= first.offset()) {
      cursor = first.at(first.offset() - 1);
      // The page of a restart is still wanted, and says where to go on; if it fails, it is from
      // here.
      suspect();
    }
  }

  /** Announcements may have been lost. */
  void suspect() {
    if (state == State.LIVE) {
      fallBehind();
    }
  }

  private void fallBehind() {
    state = State.BEHIND;
    session.someBehind();
  }

  boolean isBehind() {
    return state == State.BEHIND;
  }

  /** Remembers the newest acknowledgement; false when nothing of the kind was sent. */
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

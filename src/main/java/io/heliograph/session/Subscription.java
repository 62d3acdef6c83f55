package io.heliograph.session;

import io.heliograph.message.Channel;
import io.heliograph.message.History;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import java.time.Instant;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A session's subscription to a channel, with a cursor into the channel's log: the last message
 * that was written or queued. A lost or late announcement, a slow client, a reconnect and a lost
 * log are all repaired in the same way: the subscription is marked behind and reads the log from
 * its cursor.
 *
 * <p>All state is guarded by the session's lock. Methods that are not public expect the caller to
 * hold it.
 */
public final class Subscription {

  /** What is to be done with an announced message. */
  enum Offer {
    /** It is the next one: send it. */
    NEXT,
    /** It was sent already, or will be read from the log. */
    IGNORE,
    /** A message before it was missed: read the log. */
    BEHIND
  }

  private enum State {
    /** The cursor is at the head, as far as announcements show. */
    LIVE,
    /** The log holds more than the cursor; no read is in progress. */
    BEHIND,
    /** A page of the log is being read. */
    READING,
    /** Registered, but nothing is sent before a restart. */
    PARKED
  }

  private final Session session;
  private final Channel channel;

  /** The index in its {@link Subscribers}; guarded by their lock, not by the session's. */
  int slot = -1;

  /** The session's next subscription; null: this is the last. */
  @Nullable Subscription next;

  /** Begins with a read: its first messages come from the log like everything that was missed. */
  private State state = State.READING;

  /** The number of the latest read; pages of earlier ones are passed over. */
  private int read;

  /** Null until the start is known. */
  private @Nullable Position cursor;

  /** The newest announcement during a read; the page may or may not contain it. */
  private @Nullable Position announcedMeanwhile;

  /** When its right ends, by the wall clock; null: with the session. */
  private volatile @Nullable Instant expires;

  private @Nullable Position acknowledged;

  /**
   * When the message at the cursor was accepted, for the time until its acknowledgement; null: not
   * known. The message's own object, which all its subscriptions share.
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

  /**
   * Sets when its right ends; null: with the session.
   *
   * @return false when the subscription has ended; it is then unchanged
   */
  public boolean renew(@Nullable Instant end) {
    synchronized (session) {
      boolean current = session.isCurrent(this);
      if (current) {
        expires = end;
      }
      return current;
    }
  }

  /** Whether the session or the subscription has ended. */
  public boolean hasEnded() {
    synchronized (session) {
      return !session.isCurrent(this);
    }
  }

  /** Null when the start is not known yet. */
  public @Nullable Position cursor() {
    synchronized (session) {
      return cursor;
    }
  }

  /**
   * Takes a step between two messages: none of the channel is queued meanwhile.
   *
   * @param step gets the cursor; must not block
   * @return what the step answers; false when the start is not known yet
   */
  public boolean betweenMessages(Predicate<Position> step) {
    synchronized (session) {
      Position at = cursor;
      return at != null && step.test(at);
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
    if (state == State.READING
        && (announcedMeanwhile == null || isAfter(announced, announcedMeanwhile))) {
      announcedMeanwhile = announced;
    }
    return Offer.IGNORE;
  }

  /** The number of the read that is to be started; 0: none is, or there is no room for a page. */
  public int beginReading() {
    synchronized (session) {
      return state == State.BEHIND && session.hasRoom() ? startReading() : 0;
    }
  }

  /**
   * Starts a read for a subscribe with a position, and passes over one that is in progress. What
   * waits in the queue is read again, so until that page the cursor says what the client was sent.
   *
   * @return its number
   */
  public int restart() {
    synchronized (session) {
      session.writer().dropMessages(this);
      return startReading();
    }
  }

  /**
   * Says where a new subscription begins before its first page is delivered: what is sent of other
   * channels meanwhile may state this position, and if the page cannot be read, the next read
   * begins here.
   */
  public void startsAfter(Position position) {
    synchronized (session) {
      if (cursor == null) {
        cursor = position;
      }
    }
  }

  /**
   * Sends nothing of the channel from now on, while the subscription stays registered. A read that
   * is in progress is passed over.
   *
   * @return false when it was parked before
   */
  public boolean park() {
    synchronized (session) {
      boolean wasLive = !isParked();
      state = State.PARKED;
      cursor = null;
      cursorAccepted = null;
      announcedMeanwhile = null;
      return wasLive;
    }
  }

  public boolean isParked() {
    synchronized (session) {
      return state == State.PARKED;
    }
  }

  private int startReading() {
    state = State.READING;
    announcedMeanwhile = null;
    return ++read;
  }

  /** Whether the page of this read is still awaited. */
  boolean awaits(int numberOfRead) {
    return state == State.READING && read == numberOfRead;
  }

  /** The page could not be read. */
  public void onReadFailed(int numberOfRead) {
    synchronized (session) {
      if (awaits(numberOfRead)) {
        fallBehind();
      }
    }
  }

  /**
   * The page that was awaited was queued.
   *
   * @param through the last position that was queued; before the page's end when there was no room
   *     for all
   */
  void caughtUpTo(Position through, History page) {
    cursor = through;
    cursorAccepted = null;
    boolean more =
        !through.equals(page.head())
            || (announcedMeanwhile != null && isAfter(announcedMeanwhile, page.head()));
    if (more) {
      fallBehind();
    } else {
      state = State.LIVE;
    }
  }

  /** This message and those after it were dropped from the queue. */
  void dropped(Position first) {
    if (isParked()) {
      return;
    }
    Position at = cursor;
    if (at == null || !at.epoch().equals(first.epoch()) || at.offset() >= first.offset()) {
      cursor = first.at(first.offset() - 1);
      // A read that is in progress continues, and its page says where to go on. If it fails, the
      // next one begins here.
      suspect();
    }
  }

  /** Announcements may have been lost. */
  public void suspect() {
    synchronized (session) {
      if (state == State.LIVE) {
        fallBehind();
      }
    }
  }

  private void fallBehind() {
    state = State.BEHIND;
    session.writer().onBehind();
  }

  boolean isBehind() {
    return state == State.BEHIND;
  }

  /** Notes the newest acknowledgement; false when that position was not sent. */
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

  /** Another epoch counts as after: only the log can show. */
  private static boolean isAfter(Position one, Position other) {
    return !one.epoch().equals(other.epoch()) || one.offset() > other.offset();
  }
}

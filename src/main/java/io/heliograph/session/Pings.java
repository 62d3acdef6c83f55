package io.heliograph.session;

import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import org.jspecify.annotations.Nullable;

/**
 * The pings of a session: whether its client is alive, and which messages it is known to have
 * received.
 *
 * <p>A message that was handed to the network is unconfirmed, since the network takes bytes for a
 * client that has gone, too. It is confirmed, and reported to {@link SessionListener#onConfirmed},
 * by an acknowledgement or by the answer to a later ping; where clients answer none, when the
 * connection has lived through two more pings.
 *
 * <p>Guarded by the session's lock.
 */
public final class Pings {

  /** About a millisecond of nanoseconds, so that four bytes reach far enough. */
  private static final int TICK_BITS = 20;

  /** What the heartbeat finds. */
  enum Life {
    ALIVE,
    /** It was pinged so short a time ago, or is not read, that no answer means nothing yet. */
    PINGED_JUST_NOW,
    SILENT
  }

  private final Session session;

  /**
   * Something arrived since the last ping. Written without the lock, by the connection's thread and
   * the heartbeat's: a race costs no more than a late ping.
   */
  private volatile boolean alive = true;

  /** The server does not read what the client sends, so the client cannot show that it lives. */
  private volatile boolean unread;

  /** When the heartbeat pinged last, in units of {@link #TICK_BITS}; used by its thread only. */
  private int pingedTick;

  /** What was written and may not have arrived; null while there is nothing of the kind. */
  private @Nullable Unconfirmed unconfirmed;

  /** The number of the last ping. */
  private byte number;

  /** The answer to the last ping is still to come. */
  private boolean pinged;

  Pings(Session session) {
    this.session = session;
  }

  // Signs of life ---------------------------------------------------------------------------------

  /** Something arrived from the client, or its network took more of a write that had to wait. */
  public void onSignOfLife() {
    alive = true;
  }

  /**
   * The server pauses reading from the client. Until {@link #onReadingResumed} its silence means
   * nothing; the caller that pauses bounds that time.
   */
  public void onReadingPaused() {
    unread = true;
  }

  public void onReadingResumed() {
    alive = true;
    unread = false;
  }

  /**
   * Whether anything arrived since the last ping; if so, the client is to be pinged now.
   *
   * @param graceNanos how long an answer may take, whatever else held up the heartbeat
   */
  Life life(long nowNanos, long graceNanos) {
    int tick = (int) (nowNanos >> TICK_BITS);
    if (!alive) {
      return unread || tick - pingedTick < graceNanos >> TICK_BITS
          ? Life.PINGED_JUST_NOW
          : Life.SILENT;
    }
    alive = false;
    pingedTick = tick;
    return Life.ALIVE;
  }

  /** Asks for a sign of life, which also confirms what was written before. */
  public void ping() {
    Transport transport = session.transport();
    int next;
    Unconfirmed.Confirmed confirmed = null;
    synchronized (session) {
      next = ++number & 0xff;
      pinged = true;
      if (transport.info().liveness() == Liveness.PING) {
        Unconfirmed.ask(unconfirmed);
      } else {
        confirmed = Unconfirmed.age(unconfirmed);
        unconfirmed = Unconfirmed.without(unconfirmed, confirmed);
      }
    }
    report(confirmed);
    transport.ping(next);
  }

  /**
   * The client answered a ping.
   *
   * @return false when it was not the last one, or was answered before
   */
  public boolean onAnswered(int answered) {
    Unconfirmed.Confirmed confirmed;
    synchronized (session) {
      if (!pinged || answered != (number & 0xff)) {
        return false;
      }
      pinged = false;
      confirmed = Unconfirmed.answered(unconfirmed);
      unconfirmed = Unconfirmed.without(unconfirmed, confirmed);
    }
    onSignOfLife();
    report(confirmed);
    return true;
  }

  // Confirmations ---------------------------------------------------------------------------------

  /**
   * A message was handed to the network.
   *
   * @return whether to ping soon, because the client does not acknowledge by itself
   */
  public boolean onWritten(Channel channel, Position position) {
    synchronized (session) {
      unconfirmed = Unconfirmed.written(unconfirmed, channel, position);
      Subscription subscription = session.subscription(channel);
      return session.transport().info().liveness() == Liveness.PING
          && subscription != null
          && subscription.acknowledged() == null;
    }
  }

  /** The client acknowledged everything up to a position that it was sent. */
  void onAcknowledged(Channel channel, Position position) {
    synchronized (session) {
      unconfirmed = Unconfirmed.without(unconfirmed, channel, position);
    }
    session.writer().report(listener -> listener.onConfirmed(session, channel, position));
  }

  /** Whether something was written that a ping should follow, so that its answer confirms it. */
  public boolean isPingNeeded() {
    synchronized (session) {
      return !pinged && Unconfirmed.anyUnasked(unconfirmed);
    }
  }

  /** Whether the client is known to have everything that was written to it. */
  public boolean isConfirmed() {
    synchronized (session) {
      return unconfirmed == null;
    }
  }

  private void report(Unconfirmed.@Nullable Confirmed first) {
    for (Unconfirmed.Confirmed each = first; each != null; each = each.next()) {
      Unconfirmed.Confirmed one = each;
      session
          .writer()
          .report(listener -> listener.onConfirmed(session, one.channel(), one.position()));
    }
  }
}

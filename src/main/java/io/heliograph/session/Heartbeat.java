package io.heliograph.session;

import java.time.Duration;
import java.util.Iterator;
import java.util.function.BiConsumer;

/**
 * Goes round the sessions once in each interval, a slice a tick: pings each, and hands over those
 * that did not answer the last ping, have lived long enough, or whose connection has ended without
 * the session's having been told. A walk over the registry in its stable order needs no memory a
 * session and nothing scheduled; each session is met once a round, so a silent one is found within
 * two.
 *
 * <p>Ticks come from one thread.
 */
public final class Heartbeat {

  private final SessionRegistry registry;
  private final long intervalNanos;
  private final BiConsumer<Session, CloseReason> closer;

  private Iterator<Session> round;
  private int sizeOfRound;
  private int visited;
  private long roundStartedNanos;

  public Heartbeat(
      SessionRegistry registry,
      Duration interval,
      long nowNanos,
      BiConsumer<Session, CloseReason> closer) {
    this.registry = registry;
    this.intervalNanos = interval.toNanos();
    this.closer = closer;
    this.round = registry.sessions().iterator();
    this.sizeOfRound = registry.size();
    this.roundStartedNanos = nowNanos;
  }

  /** Visits as many as are due since the round began. */
  public void tick(long nowNanos) {
    long elapsed = Math.min(nowNanos - roundStartedNanos, intervalNanos);
    long due =
        elapsed >= intervalNanos
            ? Long.MAX_VALUE
            : (long) ((double) Math.max(sizeOfRound, registry.size()) * elapsed / intervalNanos);
    while (visited < due && round.hasNext()) {
      Session session = round.next();
      try {
        visit(session, nowNanos);
      } catch (Throwable e) {
        // Or one session would keep the heartbeat from all that come after it.
        session.fail("A heartbeat", e);
      }
      visited++;
    }
    if (elapsed >= intervalNanos) {
      round = registry.sessions().iterator();
      sizeOfRound = registry.size();
      visited = 0;
      roundStartedNanos = nowNanos;
    }
  }

  private void visit(Session session, long nowNanos) {
    if (session.transport().hasEnded()) {
      // Its end was reported to nobody, or to somebody who failed.
      closer.accept(session, CloseReason.GONE);
      return;
    }
    if (session.transport().info().liveness() != Liveness.PING) {
      askAgain(session, nowNanos);
      return;
    }
    // Two visits may be close together, when ticks were held up or most sessions before this one
    // left.
    switch (session.life(nowNanos, intervalNanos / 2)) {
      case SILENT -> closer.accept(session, CloseReason.SILENT);
      case ASKED_JUST_NOW -> {}
      case ALIVE -> askAgain(session, nowNanos);
    }
  }

  private void askAgain(Session session, long nowNanos) {
    if (session.outlived(nowNanos)) {
      closer.accept(session, CloseReason.LIFETIME);
    } else {
      session.ping();
    }
  }
}

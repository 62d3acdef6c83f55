package io.heliograph.session;

import java.time.Duration;
import java.util.Iterator;
import java.util.function.BiConsumer;

/**
 * Visits each session once per interval, a slice of them per tick: pings it, and closes it if the
 * last ping was not answered, its lifetime is over, or its connection has ended without a report.
 * It walks over the registry, whose order is stable, so a session needs no memory for it and
 * nothing is scheduled. A silent session is found within two rounds.
 *
 * <p>One thread calls {@link #tick}.
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
        // Otherwise the sessions after this one would have no heartbeat.
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
      // Its end was not reported, or the report failed.
      closer.accept(session, CloseReason.GONE);
      return;
    }
    if (session.transport().info().liveness() != Liveness.PING) {
      ping(session, nowNanos);
      return;
    }
    // Two visits may be close together, if ticks were late or most sessions before this one have
    // left.
    switch (session.pings().life(nowNanos, intervalNanos / 2)) {
      case SILENT -> closer.accept(session, CloseReason.SILENT);
      case PINGED_JUST_NOW -> {}
      case ALIVE -> ping(session, nowNanos);
    }
  }

  private void ping(Session session, long nowNanos) {
    if (session.outlived(nowNanos)) {
      closer.accept(session, CloseReason.LIFETIME);
    } else {
      session.pings().ping();
    }
  }
}

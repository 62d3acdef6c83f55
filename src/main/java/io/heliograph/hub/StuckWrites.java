package io.heliograph.hub;

import io.heliograph.session.CloseReason;
import io.heliograph.session.Session;
import io.heliograph.session.SessionListener;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Closes sessions of which a write makes no progress for the send timeout. Only writes that did not
 * complete at once are watched. A detachable transport has a timeout of its own.
 */
final class StuckWrites implements SessionListener {

  private final long timeoutNanos;
  private final Set<Session> pending = ConcurrentHashMap.newKeySet();

  StuckWrites(Duration sendTimeout) {
    this.timeoutNanos = sendTimeout.toNanos();
  }

  /** The sessions with a write in progress; a live view. */
  Collection<Session> pending() {
    return Collections.unmodifiableCollection(pending);
  }

  @Override
  public void onPending(Session session) {
    pending.add(session);
  }

  @Override
  public void onEnded(Session session, CloseReason reason) {
    pending.remove(session);
  }

  @SuppressWarnings("ModifyCollectionInEnhancedForLoop") // a concurrent set
  void tick(long nowNanos) {
    for (Session session : pending) {
      long stalled = session.stalledNanos(nowNanos);
      if (stalled == 0) {
        pending.remove(session);
        if (session.stalledNanos(nowNanos) != 0) {
          pending.add(session);
        }
      } else if (stalled > timeoutNanos && !session.transport().info().detachable()) {
        session.abort(CloseReason.SLOW);
      }
    }
  }
}

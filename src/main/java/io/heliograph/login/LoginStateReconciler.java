package io.heliograph.login;

import io.heliograph.hub.Hub;
import io.heliograph.message.Channel;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repairs lost messages: reads each login that sessions of this node follow from the store once a
 * round, and sends the state to sessions that have an older one. So a lost message, a node that
 * failed before it published, and a broker that is out of reach cost a round and not the login.
 *
 * <p>Logins are spread over the round by their ids. One thread at a time, which may block.
 */
final class LoginStateReconciler {

  private static final Logger log = LoggerFactory.getLogger(LoginStateReconciler.class);

  static final Duration STEP = Duration.ofMillis(100);

  /** Five seconds a round. */
  static final int STEPS = 50;

  private final Hub hub;
  private final Tickets life;
  private final LoginStatePublisher pushes;
  private final LongSupplier nanoTime;
  private long last;
  private boolean storeAway;

  LoginStateReconciler(Hub hub, Tickets life, LoginStatePublisher pushes, LongSupplier nanoTime) {
    this.hub = hub;
    this.life = life;
    this.pushes = pushes;
    this.nanoTime = nanoTime;
    this.last = steps();
  }

  private long steps() {
    return nanoTime.getAsLong() / STEP.toNanos();
  }

  /** Reads those whose time has come since the last step. One that comes late reads none twice. */
  void step() {
    long now = steps();
    long due = Math.min(now - last, STEPS);
    long from = now - due;
    last = now;
    if (due == 0) {
      return;
    }
    try {
      for (Channel.Login login : hub.followedLogins()) {
        if (Math.floorMod(login.id().hashCode() - from - 1, STEPS) < due) {
          look(login);
        }
      }
      storeAway = false;
    } catch (TicketStoreUnavailableException e) {
      // The others would fail as well; their time comes again.
      if (!storeAway) {
        log.warn("Logins cannot be read; who waits for one is told when they can");
      }
      storeAway = true;
    }
  }

  private void look(Channel.Login login) {
    life.find(login.id())
        .ifPresent(
            ticket ->
                hub.tellLogin(login, pushes.draft(LoginSnapshot.of(ticket, life.store().now()))));
  }
}

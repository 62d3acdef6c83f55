package io.heliograph.login;

import io.heliograph.hub.Subscriptions;
import io.heliograph.message.Channel;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repairs lost messages. Reads each login with a subscriber on this node from the store once per
 * round and delivers the state to sessions that have an older one. A lost message, a node that
 * failed before it published, or an unavailable broker delays a login by at most one round.
 *
 * <p>The reads are spread over the round by the tickets' ids. Called by one thread at a time, which
 * may block.
 */
final class LoginStateReconciler {

  private static final Logger log = LoggerFactory.getLogger(LoginStateReconciler.class);

  static final Duration STEP = Duration.ofMillis(100);

  /** Steps per round; a round takes five seconds. */
  static final int STEPS = 50;

  private final LoginSubscriptions logins;
  private final Subscriptions subscriptions;
  private final Tickets tickets;
  private final LoginStatePublisher states;
  private final LongSupplier nanoTime;
  private long last;
  private boolean storeUnavailable;

  LoginStateReconciler(
      LoginSubscriptions logins,
      Subscriptions subscriptions,
      Tickets tickets,
      LoginStatePublisher states,
      LongSupplier nanoTime) {
    this.logins = logins;
    this.subscriptions = subscriptions;
    this.tickets = tickets;
    this.states = states;
    this.nanoTime = nanoTime;
    this.last = steps();
  }

  private long steps() {
    return nanoTime.getAsLong() / STEP.toNanos();
  }

  /**
   * Reads the logins that are due since the last step. After a late step no login is read twice.
   */
  void step() {
    long now = steps();
    long due = Math.min(now - last, STEPS);
    long from = now - due;
    last = now;
    if (due == 0) {
      return;
    }
    try {
      for (Channel.Login login : logins.subscribed()) {
        if (Math.floorMod(login.id().hashCode() - from - 1, STEPS) < due) {
          look(login);
        }
      }
      storeUnavailable = false;
    } catch (TicketStoreUnavailableException e) {
      // The other reads would fail as well; they are due again in the next round.
      if (!storeUnavailable) {
        log.warn(
            "Cannot read logins from the store; their subscribers get the current states when it is"
                + " available again");
      }
      storeUnavailable = true;
    }
  }

  private void look(Channel.Login login) {
    tickets
        .find(login.id())
        .ifPresent(
            ticket -> {
              var state = LoginSnapshot.of(ticket, tickets.store().now());
              var _ = subscriptions.deliverState(login, states.draft(state));
            });
  }
}

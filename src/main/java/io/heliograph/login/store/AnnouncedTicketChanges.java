package io.heliograph.login.store;

import io.heliograph.broker.AtomicPublish;
import io.heliograph.login.LoginSnapshot;
import io.heliograph.login.LoginStatePublisher;
import io.heliograph.login.Ticket;
import io.heliograph.login.TicketStoreUnavailableException;
import io.heliograph.message.Channel;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.CompletionException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Changes a ticket and publishes its state in one step of the broker, so that a node failure cannot
 * leave one without the other.
 */
final class AnnouncedTicketChanges {

  private final AtomicPublish broker;
  private final JsonMapper json;
  private final Clock clock;

  AnnouncedTicketChanges(AtomicPublish broker, JsonMapper json, Clock clock) {
    this.broker = broker;
    this.json = json;
    this.clock = clock;
  }

  /**
   * @param now by the store's clock
   * @return false when the ticket was changed by another call, or its deadline has passed
   */
  boolean replace(Ticket next, Instant now, AtomicPublish.Change change) {
    String state = json.writeValueAsString(LoginSnapshot.of(next, now));
    try {
      return broker
          .publish(
              new Channel.Login(next.id()),
              LoginStatePublisher.draft(state, clock.instant()),
              change)
          .join();
    } catch (CompletionException e) {
      throw new TicketStoreUnavailableException(e.getCause());
    }
  }
}

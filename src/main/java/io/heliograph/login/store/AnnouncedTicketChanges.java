package io.heliograph.login.store;

import io.heliograph.broker.redis.AtomicPublish;
import io.heliograph.login.LoginSnapshot;
import io.heliograph.login.LoginStatePublisher;
import io.heliograph.login.Ticket;
import io.heliograph.login.TicketStoreUnavailableException;
import io.heliograph.message.Channel;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Changes a ticket and publishes its state in one Redis script, so that a node failure cannot leave
 * one without the other.
 */
final class AnnouncedTicketChanges {

  private static final AtomicPublish.Change CHANGE =
      new AtomicPublish.Change(LoginScripts.text("ticket-change", "ticket-announce"));

  private final AtomicPublish changes;
  private final JsonMapper json;
  private final Clock clock;

  AnnouncedTicketChanges(AtomicPublish changes, JsonMapper json, Clock clock) {
    this.changes = changes;
    this.json = json;
    this.clock = clock;
  }

  /**
   * @param now by the store's clock
   * @param arguments the arguments of {@code ticket-change.lua}
   */
  boolean replace(Ticket next, Instant now, List<String> arguments) {
    String state = json.writeValueAsString(LoginSnapshot.of(next, now));
    try {
      return changes
          .publish(
              new Channel.Login(next.id()),
              LoginStatePublisher.draft(state, clock.instant()),
              CHANGE,
              RedisTicketStore.KEY,
              arguments)
          .join();
    } catch (CompletionException e) {
      throw new TicketStoreUnavailableException(e.getCause());
    }
  }
}

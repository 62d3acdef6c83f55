package io.heliograph.login.store;

import io.heliograph.broker.AtomicPublish;
import io.heliograph.login.Ticket;
import io.heliograph.login.TicketState;
import io.heliograph.login.TicketStore;
import io.heliograph.login.TicketStoreUnavailableException;
import io.heliograph.login.store.LoginScripts.Step;
import io.heliograph.message.Channel;
import io.heliograph.redis.RedisNamespace;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The ticket store of all nodes, in Redis and by its clock. A ticket has its channel's hash tag.
 * Two sorted sets count all tickets. They may briefly count too many but never too few, because an
 * entry is added before the ticket is stored and removed after it ended.
 */
final class RedisTicketStore implements TicketStore {

  private static final Logger log = LoggerFactory.getLogger(RedisTicketStore.class);

  /** The suffix of a ticket's key, after the name of its channel. */
  static final String KEY = "ticket";

  /** The stored form is private: the service's own JSON settings must not change it. */
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final LoginScripts scripts;
  private final RedisNamespace names;
  private final List<String> places;
  private final int maxOpen;
  private final @Nullable AnnouncedTicketChanges announced;
  private final UnreadableEntries unreadable;

  /**
   * @param announced publishes transitions with the change; null: the caller publishes them
   * @param maxOpen the maximum number of open tickets on all nodes together; with retained ended
   *     tickets twice as many
   */
  RedisTicketStore(
      LoginScripts scripts,
      RedisNamespace names,
      int maxOpen,
      @Nullable AnnouncedTicketChanges announced,
      MeterRegistry meters) {
    this.unreadable = new UnreadableEntries("ticket", meters);
    this.announced = announced;
    this.scripts = scripts;
    this.names = names;
    this.places = List.of(names.tagged("logins") + ":open", names.tagged("logins") + ":all");
    this.maxOpen = maxOpen;
  }

  @Override
  public Instant now() {
    return scripts.now();
  }

  @Override
  public boolean add(Ticket ticket) {
    String deadline = LoginScripts.millis(ticket.deadline());
    String forgotten = LoginScripts.millis(ticket.forgottenFrom());
    List<?> room =
        scripts.run(
            Step.TICKET_ROOM, places, ticket.id(), deadline, forgotten, Integer.toString(maxOpen));
    if (!isYes(room)) {
      return false;
    }
    List<?> added =
        scripts.run(
            Step.TICKET_ADD, key(ticket.id()), ticket.mark(), deadline, forgotten, text(ticket));
    if (!isYes(added)) {
      throw new IllegalStateException("a ticket with this id exists already");
    }
    return true;
  }

  @Override
  public Optional<Ticket> find(String id) {
    return stored(id).filter(ticket -> !ticket.forgottenAt(now()));
  }

  private Optional<Ticket> stored(String id) {
    List<?> answer = scripts.run(Step.TICKET_FIND, key(id));
    return answer.isEmpty() ? Optional.empty() : read(id, (String) answer.getFirst());
  }

  /** Empty for a text that no node can have written. */
  private Optional<Ticket> read(String id, String text) {
    try {
      Ticket ticket = JSON.readValue(text, Ticket.class);
      if (ticket != null && ticket.id().equals(id)) {
        return Optional.of(ticket);
      }
    } catch (JacksonException e) {
      // Counted below; the exception's message quotes the text.
    }
    unreadable.found();
    return Optional.empty();
  }

  @Override
  public boolean announces() {
    return announced != null;
  }

  @Override
  public boolean replace(Ticket expected, Ticket next) {
    // The expiry is the only change that is made after the deadline.
    boolean late = next.state() == TicketState.EXPIRED;
    boolean done;
    if (announced != null && next.version() != expected.version()) {
      Instant deadline = next.state().isFinal() ? null : next.deadline();
      done =
          announced.replace(
              next,
              now(),
              new AtomicPublish.Change(
                  KEY,
                  expected.mark(),
                  next.mark(),
                  deadline,
                  next.forgottenFrom(),
                  text(next),
                  late));
    } else {
      done =
          isYes(
              scripts.run(
                  Step.TICKET_REPLACE,
                  key(expected.id()),
                  expected.mark(),
                  next.mark(),
                  deadline(next),
                  LoginScripts.millis(next.forgottenFrom()),
                  text(next),
                  late ? "1" : "0"));
    }
    if (!done) {
      return false;
    }
    if (next.state() != expected.state()) {
      try {
        updateIndex(next);
      } catch (TicketStoreUnavailableException e) {
        // The change is already stored. The entry is corrected when it is overdue.
        log.debug("The index entry of {} was not updated", next);
      }
    }
    return true;
  }

  private void updateIndex(Ticket ticket) {
    scripts.run(
        Step.TICKET_PLACE,
        places,
        ticket.id(),
        deadline(ticket),
        LoginScripts.millis(ticket.forgottenFrom()));
  }

  @Override
  public List<Ticket> lapsed(int limit) {
    List<Ticket> lapsed = new ArrayList<>();
    for (Object overdue : scripts.run(Step.TICKET_OVERDUE, places, Integer.toString(limit))) {
      String id = (String) overdue;
      // An entry that is not a ticket's id, or names an unreadable ticket, is removed.
      Optional<Ticket> found =
          Channel.RANDOM_ID.matcher(id).matches() ? stored(id) : Optional.empty();
      if (found.isEmpty()) {
        scripts.run(Step.TICKET_PLACE, places, id, "", "");
      } else if (found.get().lapsedAt(now())) {
        lapsed.add(found.get());
      } else {
        // A node failed between a change and the update of the entry.
        updateIndex(found.get());
      }
    }
    return lapsed;
  }

  /** Nothing to do: the keys expire in Redis. */
  @Override
  public void forget() {}

  /** With the tag of the channel's other keys, so that Redis Cluster stores them on one server. */
  private List<String> key(String id) {
    return List.of(names.tagged(new Channel.Login(id).text()) + ':' + KEY);
  }

  private static String deadline(Ticket ticket) {
    return ticket.state().isFinal() ? "" : LoginScripts.millis(ticket.deadline());
  }

  private static String text(Ticket ticket) {
    return JSON.writeValueAsString(ticket);
  }

  private static boolean isYes(List<?> answer) {
    return answer.getFirst().equals(1L);
  }
}

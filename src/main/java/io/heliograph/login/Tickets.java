package io.heliograph.login;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.heliograph.login.TicketEvent.Deadline;
import io.heliograph.login.TicketOutcome.Moved;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Applies events to tickets: reads the ticket, lets {@link TicketRules} decide, writes the result
 * by compare-and-set, and only then publishes it. Reading an overdue ticket expires it, so
 * correctness does not depend on the sweeper.
 */
public final class Tickets {

  private static final Logger log = LoggerFactory.getLogger(Tickets.class);
  private static final int SWEPT_AT_ONCE = 1_000;
  private static final int WAITERS_PER_TICKET = 3;

  /**
   * Each scan by another user and each wrong code is a change, and 50 callers may make one at once.
   */
  private static final int MAX_ATTEMPTS = 1_000;

  /** A ticket with waiting polls is read again at one sweep of this many. */
  private static final int SWEEPS_A_READING = 5;

  private final TicketStore store;
  private final TicketRules rules;
  private final BiConsumer<String, String> publisher;
  private final JsonMapper json;
  private final Map<TicketState, Counter> enteredByState = new EnumMap<>(TicketState.class);

  /** The newest published version of tickets that changed recently. */
  private final Cache<String, Integer> publishedVersionsByTicket =
      Caffeine.newBuilder().expireAfterWrite(Ticket.TOMBSTONE).build();

  private final ConcurrentMap<String, Deque<Waiter>> waitersByTicket = new ConcurrentHashMap<>();

  private final AtomicInteger waits = new AtomicInteger();
  private final int maxWaits;

  /** Counts the sweeps. Used by the sweeper's thread only. */
  private int sweeps;

  private record Waiter(int seen, CompletableFuture<Ticket> next) {}

  /**
   * @param publisher receives a ticket and a {@link LoginSnapshot} as JSON, in the order of
   *     versions
   */
  public Tickets(
      TicketStore store,
      TicketRules rules,
      BiConsumer<String, String> publisher,
      JsonMapper json,
      MeterRegistry meters,
      int maxWaits) {
    this.maxWaits = maxWaits;
    Gauge.builder("heliograph.logins.waits", waits, AtomicInteger::get)
        .description("Polls of logins that wait for a change on this node")
        .register(meters);
    this.store = store;
    this.rules = rules;
    this.publisher = publisher;
    this.json = json;
    for (TicketState state : TicketState.values()) {
      enteredByState.put(
          state,
          Counter.builder("heliograph.logins")
              .description("Logins that entered a state")
              .tag("state", state.name().toLowerCase(Locale.ROOT))
              .register(meters));
    }
  }

  public TicketStore store() {
    return store;
  }

  /** Stores a new ticket; false when the store is full. */
  boolean begin(Ticket ticket) {
    if (!store.add(ticket)) {
      return false;
    }
    count(ticket.state());
    return true;
  }

  private void count(TicketState entered) {
    Counter counter = enteredByState.get(entered);
    if (counter != null) {
      counter.increment();
    }
  }

  /** Returns the ticket in its effective state: an overdue one is expired first. */
  public Optional<Ticket> find(String id) {
    return apply(id, new Deadline()).map(TicketOutcome::ticket);
  }

  /** Applies an event; empty when there is no such ticket. */
  public Optional<TicketOutcome> apply(String id, TicketEvent input) {
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      Optional<Ticket> found = store.find(id);
      if (found.isEmpty()) {
        return Optional.empty();
      }
      Ticket before = found.get();
      TicketOutcome outcome = rules.apply(before, input, store.now());
      Ticket after = outcome.ticket();
      if (after.equals(before)) {
        return Optional.of(outcome);
      }
      // A failed compare-and-set means that another call made progress, and a ticket has few
      // transitions.
      if (store.replace(before, after)) {
        if (after.version() != before.version()) {
          count(after.state());
          changed(after);
        }
        return Optional.of(outcome);
      }
    }
    // More failures than a ticket has changes: the store does not hold what it returns.
    throw new TicketStoreUnavailableException(null);
  }

  private void changed(Ticket ticket) {
    if (!store.announces()) {
      announce(ticket);
    }
    completePolls(ticket);
  }

  /**
   * Publishes a version unless a newer one was published: calls for two transitions can run out of
   * order.
   */
  private void announce(Ticket ticket) {
    publishedVersionsByTicket
        .asMap()
        .compute(
            ticket.id(),
            (id, published) -> {
              if (published != null && published >= ticket.version()) {
                return published;
              }
              try {
                publisher.accept(
                    id, json.writeValueAsString(LoginSnapshot.of(ticket, store.now())));
              } catch (RuntimeException e) {
                // The store already holds the state; subscribers that missed the message see it in
                // a snapshot or poll.
                log.warn(
                    "Cannot publish the new state of a login: {}", e.getClass().getSimpleName());
              }
              return ticket.version();
            });
  }

  private void completePolls(Ticket ticket) {
    Deque<Waiter> waiters = waitersByTicket.remove(ticket.id());
    if (waiters != null) {
      waiters.forEach(waiter -> waiter.next.complete(ticket));
    }
  }

  /**
   * Completes with the ticket at its next transition, or unchanged after the timeout; at once when
   * too many polls wait on this node.
   */
  public CompletableFuture<Ticket> next(Ticket seen, Duration wait) {
    if (waits.incrementAndGet() > maxWaits) {
      waits.decrementAndGet();
      return CompletableFuture.completedFuture(seen);
    }
    Waiter waiter = new Waiter(seen.version(), new CompletableFuture<>());
    CompletableFuture<Ticket> waited =
        waiter
            .next
            .completeOnTimeout(seen, wait.toMillis(), TimeUnit.MILLISECONDS)
            .whenComplete(
                (_, _) -> {
                  waits.decrementAndGet();
                  removeWaiter(seen.id(), waiter);
                });
    List<Waiter> replaced = new ArrayList<>();
    waitersByTicket.compute(
        seen.id(),
        (_, waiters) -> {
          Deque<Waiter> all = waiters == null ? new ArrayDeque<>() : new ArrayDeque<>(waiters);
          if (all.size() >= WAITERS_PER_TICKET) {
            replaced.add(all.removeFirst());
          }
          all.addLast(waiter);
          return all;
        });
    replaced.forEach(old -> old.next.complete(seen));
    try {
      // A transition between the caller's read and the registration of this wait did not complete
      // it.
      find(seen.id())
          .filter(now -> now.version() != seen.version())
          .ifPresent(waiter.next::complete);
    } catch (RuntimeException e) {
      waiter.next.completeExceptionally(e);
    }
    return waited;
  }

  private void removeWaiter(String ticket, Waiter waiter) {
    waitersByTicket.computeIfPresent(
        ticket,
        (_, waiters) -> {
          Deque<Waiter> rest = new ArrayDeque<>(waiters);
          rest.remove(waiter);
          return rest.isEmpty() ? null : rest;
        });
  }

  /** Publishes expiries that no call has found, and removes old tickets. */
  public void sweep() {
    for (Ticket overdue : store.lapsed(SWEPT_AT_ONCE)) {
      try {
        if (apply(overdue.id(), new Deadline()).orElse(null) instanceof Moved) {
          log.debug("{} expired", overdue);
        }
      } catch (TicketStoreUnavailableException e) {
        throw e;
      } catch (RuntimeException e) {
        log.warn("{} could not be swept; continuing with the next", overdue, e);
      }
    }
    store.forget();
    completePollsOfOtherNodes();
  }

  /** Completes polls whose ticket changed on another node, a few tickets per sweep. */
  private void completePollsOfOtherNodes() {
    int turn = sweeps++;
    for (String id : waitersByTicket.keySet()) {
      if (Math.floorMod(id.hashCode() - turn, SWEEPS_A_READING) == 0) {
        find(id).filter(now -> hasNewsFor(id, now)).ifPresent(this::completePolls);
      }
    }
  }

  private boolean hasNewsFor(String id, Ticket now) {
    Deque<Waiter> waiters = waitersByTicket.get(id);
    return waiters != null && waiters.stream().anyMatch(w -> w.seen != now.version());
  }
}

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
 * Applies events to tickets: reads the ticket, lets {@link TicketRules} decide, writes the result by
 * compare-and-set, and only then publishes it. Reading an overdue ticket makes it expire, so nothing
 * depends on the sweeper.
 */
public final class Tickets {

  private static final Logger log = LoggerFactory.getLogger(Tickets.class);
  private static final int SWEPT_AT_ONCE = 1_000;
  private static final int WAITERS_PER_TICKET = 3;

  /** Each scan by another user and each wrong code is a change; 50 callers may do that at once. */
  private static final int MAX_ATTEMPTS = 1_000;

  /** A waiter's ticket is read again at one sweep of so many. */
  private static final int SWEEPS_A_READING = 5;

  private final TicketStore store;
  private final TicketRules rules;
  private final BiConsumer<String, String> publisher;
  private final JsonMapper json;
  private final Map<TicketState, Counter> enteredByState = new EnumMap<>(TicketState.class);

  /** The newest version that was told, for tickets that are changing now. */
  private final Cache<String, Integer> toldVersionsByTicket =
      Caffeine.newBuilder().expireAfterWrite(Ticket.TOMBSTONE).build();

  private final ConcurrentMap<String, Deque<Waiter>> waitersByTicket = new ConcurrentHashMap<>();

  private final AtomicInteger waits = new AtomicInteger();
  private final int maxWaits;

  /** Counts the sweeps. Only the sweeper's thread uses it. */
  private int sweeps;

  private record Waiter(int seen, CompletableFuture<Ticket> next) {}

  /**
   * @param publisher takes a ticket and a {@link LoginSnapshot} as JSON, in the order of versions
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

  /** False when there is no room for one more. */
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

  /** The ticket as it effectively is. */
  public Optional<Ticket> find(String id) {
    return apply(id, new Deadline()).map(TicketOutcome::ticket);
  }

  /** Empty when there is no such ticket. */
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
      // A lost race is progress of another call, and a ticket can progress only so often.
      if (store.replace(before, after)) {
        if (after.version() != before.version()) {
          count(after.state());
          tell(after);
        }
        return Optional.of(outcome);
      }
    }
    // So many others cannot have won. The store does not hold what it gives out.
    throw new TicketStoreUnavailableException(null);
  }

  private void tell(Ticket ticket) {
    if (!store.announces()) {
      announce(ticket);
    }
    wake(ticket);
  }

  /**
   * Versions never go back: of two transitions whose tellers overtake each other only the newer is
   * told.
   */
  private void announce(Ticket ticket) {
    toldVersionsByTicket
        .asMap()
        .compute(
            ticket.id(),
            (id, told) -> {
              if (told != null && told >= ticket.version()) {
                return told;
              }
              try {
                publisher.accept(
                    id, json.writeValueAsString(LoginSnapshot.of(ticket, store.now())));
              } catch (RuntimeException e) {
                // The state is true already; who missed the hint will see it in a snapshot or poll.
                log.warn(
                    "A login's transition could not be announced: {}",
                    e.getClass().getSimpleName());
              }
              return ticket.version();
            });
  }

  private void wake(Ticket ticket) {
    Deque<Waiter> waiters = waitersByTicket.remove(ticket.id());
    if (waiters != null) {
      waiters.forEach(waiter -> waiter.next.complete(ticket));
    }
  }

  /**
   * Completes with the ticket at its next transition, or as it is when the wait is over; at once
   * when too many wait on this node.
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
                  forgetWaiter(seen.id(), waiter);
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
      // A transition between the reading of the ticket and the wait woke nobody.
      find(seen.id())
          .filter(now -> now.version() != seen.version())
          .ifPresent(waiter.next::complete);
    } catch (RuntimeException e) {
      waiter.next.completeExceptionally(e);
    }
    return waited;
  }

  private void forgetWaiter(String ticket, Waiter waiter) {
    waitersByTicket.computeIfPresent(
        ticket,
        (_, waiters) -> {
          Deque<Waiter> rest = new ArrayDeque<>(waiters);
          rest.remove(waiter);
          return rest.isEmpty() ? null : rest;
        });
  }

  /** Publishes expiries that no call has found, and removes old tombstones. */
  public void sweep() {
    for (Ticket overdue : store.lapsed(SWEPT_AT_ONCE)) {
      try {
        if (apply(overdue.id(), new Deadline()).orElse(null) instanceof Moved) {
          log.debug("{} expired", overdue);
        }
      } catch (TicketStoreUnavailableException e) {
        throw e;
      } catch (RuntimeException e) {
        log.warn("{} could not be swept; the others are", overdue, e);
      }
    }
    store.forget();
    wakeWhoMissedIt();
  }

  /** What happens on another node wakes nobody here, so that is looked for, a few at a time. */
  private void wakeWhoMissedIt() {
    int turn = sweeps++;
    for (String id : waitersByTicket.keySet()) {
      if (Math.floorMod(id.hashCode() - turn, SWEEPS_A_READING) == 0) {
        find(id).filter(now -> hasNewsFor(id, now)).ifPresent(this::wake);
      }
    }
  }

  private boolean hasNewsFor(String id, Ticket now) {
    Deque<Waiter> waiters = waitersByTicket.get(id);
    return waiters != null && waiters.stream().anyMatch(w -> w.seen != now.version());
  }
}

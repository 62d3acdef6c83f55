package io.heliograph.login.store;

import io.heliograph.login.EndReason;
import io.heliograph.login.Ticket;
import io.heliograph.login.TicketState;
import io.heliograph.login.TicketStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** The ticket store of a single node. It defines the behaviour that other stores must match. */
public final class MemoryTicketStore implements TicketStore {

  private static final Duration BETWEEN_SEARCHES = Duration.ofSeconds(1);

  private final ConcurrentMap<String, Ticket> ticketsById = new ConcurrentHashMap<>();

  /** The number of tickets stored as open. Updated inside the map's atomic operations. */
  private final AtomicInteger open = new AtomicInteger();

  /**
   * When a full store was last searched for expired tickets. Without this limit an attacker could
   * cause a search with each refused ticket.
   */
  private final AtomicReference<Instant> searched = new AtomicReference<>(Instant.EPOCH);

  private final StoreClock clock;
  private final int maxOpen;

  /**
   * @param maxOpen the maximum number of open tickets; with retained ended tickets twice as many
   */
  public MemoryTicketStore(Clock clock, int maxOpen) {
    this.clock = new StoreClock(clock);
    this.maxOpen = maxOpen;
  }

  @Override
  public Instant now() {
    return clock.now();
  }

  @Override
  public boolean add(Ticket ticket) {
    if (full() && maySearch()) {
      // The bound must not depend on the sweeper, which may be late or disabled.
      lapsed(maxOpen)
          .forEach(t -> replace(t, t.ended(TicketState.EXPIRED, t.deadline(), EndReason.DEADLINE)));
      forget();
    }
    if (open.incrementAndGet() > maxOpen || ticketsById.size() >= 2 * maxOpen) {
      open.decrementAndGet();
      return false;
    }
    if (ticketsById.putIfAbsent(ticket.id(), ticket) != null) {
      open.decrementAndGet();
      throw new IllegalStateException("a ticket with this id exists already");
    }
    return true;
  }

  private boolean maySearch() {
    Instant now = now();
    Instant before = searched.getAndUpdate(last -> isDue(last, now) ? now : last);
    return isDue(Objects.requireNonNull(before), now);
  }

  private static boolean isDue(Instant last, Instant now) {
    return !now.isBefore(last.plus(BETWEEN_SEARCHES));
  }

  /** The number of tickets, retained ended ones included, which are the other half of the bound. */
  public int size() {
    return ticketsById.size();
  }

  private boolean full() {
    return open.get() >= maxOpen || ticketsById.size() >= 2 * maxOpen;
  }

  @Override
  public Optional<Ticket> find(String id) {
    Ticket ticket = ticketsById.get(id);
    return ticket == null || ticket.forgottenAt(now()) ? Optional.empty() : Optional.of(ticket);
  }

  @Override
  public boolean replace(Ticket expected, Ticket next) {
    boolean[] done = new boolean[1];
    ticketsById.computeIfPresent(
        expected.id(),
        (_, stored) -> {
          boolean late = stored.lapsedAt(now()) && next.state() != TicketState.EXPIRED;
          if (late || !stored.equals(expected)) {
            return stored;
          }
          if (!stored.state().isFinal() && next.state().isFinal()) {
            open.decrementAndGet();
          }
          done[0] = true;
          return next;
        });
    return done[0];
  }

  @Override
  public List<Ticket> lapsed(int limit) {
    Instant now = now();
    return ticketsById.values().stream().filter(t -> t.lapsedAt(now)).limit(limit).toList();
  }

  @Override
  public void forget() {
    Instant now = now();
    ticketsById
        .keySet()
        .forEach(
            id ->
                ticketsById.computeIfPresent(
                    id,
                    (_, t) -> {
                      if (!t.forgottenAt(now)) {
                        return t;
                      }
                      if (!t.state().isFinal()) {
                        open.decrementAndGet();
                      }
                      return null;
                    }));
  }
}

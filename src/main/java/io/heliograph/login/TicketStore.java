package io.heliograph.login;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The store of tickets, and the source of truth for every login: a message only says that a state
 * changed here. Methods are thread-safe and throw {@link TicketStoreUnavailableException} when the
 * store cannot be reached.
 */
public interface TicketStore {

  /** The store's clock, which all nodes compare deadlines with. */
  Instant now();

  /** Stores a new ticket; false when the maximum number of tickets is reached. */
  boolean add(Ticket ticket);

  /** Empty for an unknown id and for a ticket whose retention has passed. */
  Optional<Ticket> find(String id);

  /**
   * The compare-and-set of every transition.
   *
   * @return false when the stored ticket is no longer {@code expected}, or when it is open, its
   *     deadline has passed by the store's clock, and {@code next} is not {@code EXPIRED}. The
   *     caller then reads the ticket and decides again
   */
  boolean replace(Ticket expected, Ticket next);

  /**
   * Whether {@link #replace} also publishes the transition, atomically. If not, the caller
   * publishes it.
   */
  default boolean announces() {
    return false;
  }

  /** Some of the tickets that are stored as open and are past their deadline, for the sweeper. */
  List<Ticket> lapsed(int limit);

  /** Removes the ended tickets whose retention has passed. */
  void forget();
}

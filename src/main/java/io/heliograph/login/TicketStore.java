package io.heliograph.login;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Where tickets live, and the truth about every login: what is pushed only tells that something
 * changed here. All methods are safe for use by many threads, and throw {@link
 * TicketStoreUnavailableException} when they cannot know.
 */
public interface TicketStore {

  /** The one clock that deadlines are compared with, whichever node asks. */
  Instant now();

  /** False when there are as many tickets as there may be. */
  boolean add(Ticket ticket);

  /** Empty also for a tombstone that is old enough to be forgotten. */
  Optional<Ticket> find(String id);

  /**
   * The compare-and-set that every transition goes through.
   *
   * @return false when the stored ticket is no longer {@code expected}, or when it is open, its
   *     deadline has passed by this store's clock, and {@code next} is not {@code EXPIRED}. Read
   *     and decide again
   */
  boolean replace(Ticket expected, Ticket next);

  /** Whether a transition is announced in the step that makes it; else its maker has to. */
  default boolean announces() {
    return false;
  }

  /**
   * Some of those that are open by their record and past their deadline, for the sweeper to
   * announce.
   */
  List<Ticket> lapsed(int limit);

  /** Drops the tombstones whose time is over. */
  void forget();
}

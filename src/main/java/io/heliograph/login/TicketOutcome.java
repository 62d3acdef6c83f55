package io.heliograph.login;

/** The result of an event on a ticket. In each case {@link #ticket()} is the value to store. */
public sealed interface TicketOutcome {

  Ticket ticket();

  /** A transition: the version increased. */
  record Moved(Ticket ticket) implements TicketOutcome {}

  /** A repeated event, or one that is too late to matter: answered as the first time. */
  record Unchanged(Ticket ticket) implements TicketOutcome {}

  /** Refused. The refusal can still be counted on the ticket, or end it. */
  record Refused(Ticket ticket, Refusal why) implements TicketOutcome {}
}

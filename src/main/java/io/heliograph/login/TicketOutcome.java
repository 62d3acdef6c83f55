package io.heliograph.login;

/**
 * What an input did to a ticket. In each case {@link #ticket()} is what the store has to hold from
 * now on.
 */
public sealed interface TicketOutcome {

  Ticket ticket();

  /** A transition: the version rose. */
  record Moved(Ticket ticket) implements TicketOutcome {}

  /** The same act again, or one that comes too late to matter: answered as the first time. */
  record Unchanged(Ticket ticket) implements TicketOutcome {}

  /** Not done. A refusal can still be counted on the ticket, or be what ends it. */
  record Refused(Ticket ticket, Refusal why) implements TicketOutcome {}
}

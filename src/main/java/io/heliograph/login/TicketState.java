package io.heliograph.login;

/** The state of a login. The transitions are in {@link TicketRules}. */
public enum TicketState {
  /** The browser shows the code; no phone has scanned it. */
  ISSUED(false),
  /** A phone has claimed it; its user has not decided yet. */
  SCANNED(false),
  /** The user confirmed; the browser can collect. */
  CONFIRMED(false),
  /** The browser has collected its grant code. */
  CONSUMED(true),
  /** The user refused, or entered too many wrong match codes. */
  DENIED(true),
  /** The browser cancelled, or too many wrong verifiers were sent. */
  CANCELLED(true),
  /** Replaced by a new ticket. */
  SUPERSEDED(true),
  /** A deadline passed. */
  EXPIRED(true);

  private final boolean last;

  TicketState(boolean last) {
    this.last = last;
  }

  /** Whether the state has no transitions. */
  public boolean isFinal() {
    return last;
  }
}

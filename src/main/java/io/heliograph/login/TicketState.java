package io.heliograph.login;

/**
 * Where a login stands. What leads from one state to the next is written in {@link TicketRules}
 * alone.
 */
public enum TicketState {
  /** The code is shown; nobody has scanned it. */
  ISSUED(false),
  /** A phone has claimed it; its user has not said yes or no. */
  SCANNED(false),
  /** The user said yes; the browser may collect. */
  CONFIRMED(false),
  /** The browser has collected its grant code. */
  CONSUMED(true),
  /** The user said no, or missed the match code too often. */
  DENIED(true),
  /** The browser gave up, or somebody failed too often to prove to be it. */
  CANCELLED(true),
  /** A fresh ticket took its place. */
  SUPERSEDED(true),
  /** A deadline passed. */
  EXPIRED(true);

  private final boolean last;

  TicketState(boolean last) {
    this.last = last;
  }

  /** No transition leaves such a state. */
  public boolean isFinal() {
    return last;
  }
}

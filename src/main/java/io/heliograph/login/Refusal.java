package io.heliograph.login;

import io.heliograph.problem.ProblemType;

/** The reason why an event was refused. */
public enum Refusal {
  /** No such ticket, or its secret is wrong. */
  UNKNOWN(ProblemType.TICKET_NOT_FOUND),
  /** The login has ended. */
  GONE(ProblemType.TICKET_GONE),
  /** Another user's phone has claimed it. */
  ALREADY_CLAIMED(ProblemType.TICKET_ALREADY_CLAIMED),
  /** No phone has scanned it. */
  NOT_SCANNED(ProblemType.TICKET_NOT_CONFIRMED),
  /** The user has not confirmed. */
  NOT_CONFIRMED(ProblemType.TICKET_NOT_CONFIRMED),
  /** A phone has scanned it already. */
  IN_USE(ProblemType.TICKET_IN_USE),
  /** The user is not the one who scanned the code. */
  SUBJECT_MISMATCH(ProblemType.SUBJECT_MISMATCH),
  /** The phone's user picked a wrong number. */
  MATCH_CODE_WRONG(ProblemType.MATCH_CODE_WRONG),
  /** The phone is not near the browser, or its place is unknown. */
  PROXIMITY(ProblemType.PROXIMITY_REQUIRED),
  /** The caller is not the browser that started the login. */
  BROWSER_MISMATCH(ProblemType.BROWSER_BINDING_FAILED),
  /** The browser has already collected the grant. */
  ALREADY_ISSUED(ProblemType.GRANT_ALREADY_ISSUED),
  /** Too many automatic refreshes in a row: the next one needs a click. */
  REFRESH_LIMIT(ProblemType.REFRESH_LIMIT),
  /** This user scans too often. */
  RATE_LIMITED(ProblemType.RATE_LIMITED);

  private final ProblemType problem;

  Refusal(ProblemType problem) {
    this.problem = problem;
  }

  /** The problem type of the answer over HTTP. */
  public ProblemType problem() {
    return problem;
  }
}

package io.heliograph.login;

import io.heliograph.problem.ProblemType;

/** Why a login did not move as somebody wished. */
public enum Refusal {
  /** No such ticket, or nothing that this caller may know of. */
  UNKNOWN(ProblemType.TICKET_NOT_FOUND),
  /** It ended. */
  GONE(ProblemType.TICKET_GONE),
  /** Another user's phone has it. */
  ALREADY_CLAIMED(ProblemType.TICKET_ALREADY_CLAIMED),
  /** No phone has scanned it. */
  NOT_SCANNED(ProblemType.TICKET_NOT_CONFIRMED),
  /** The user has not said yes. */
  NOT_CONFIRMED(ProblemType.TICKET_NOT_CONFIRMED),
  /** It has come too far for this. */
  IN_USE(ProblemType.TICKET_IN_USE),
  /** The user is not the one who scanned. */
  SUBJECT_MISMATCH(ProblemType.SUBJECT_MISMATCH),
  /** The phone picked another number than the browser shows. */
  MATCH_CODE_WRONG(ProblemType.MATCH_CODE_WRONG),
  /** The phone is not where the browser is, or does not say where it is. */
  PROXIMITY(ProblemType.PROXIMITY_REQUIRED),
  /** Whoever collects is not the browser that asked. */
  BROWSER_MISMATCH(ProblemType.BROWSER_BINDING_FAILED),
  /** The browser has collected before. */
  ALREADY_ISSUED(ProblemType.GRANT_ALREADY_ISSUED),
  /** It is time for a click. */
  REFRESH_LIMIT(ProblemType.REFRESH_LIMIT),
  /** This user scans too often. */
  RATE_LIMITED(ProblemType.RATE_LIMITED);

  private final ProblemType problem;

  Refusal(ProblemType problem) {
    this.problem = problem;
  }

  /** How it is told over HTTP. */
  public ProblemType problem() {
    return problem;
  }
}

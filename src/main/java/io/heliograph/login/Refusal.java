package io.heliograph.login;

/** Why a login did not move as somebody wished. */
public enum Refusal {
  /** No such ticket, or nothing that this caller may know of. */
  UNKNOWN,
  /** It ended. */
  GONE,
  /** Another user's phone has it. */
  ALREADY_CLAIMED,
  /** No phone has scanned it. */
  NOT_SCANNED,
  /** The user has not said yes. */
  NOT_CONFIRMED,
  /** It has come too far for this. */
  IN_USE,
  /** The user is not the one who scanned. */
  SUBJECT_MISMATCH,
  /** The phone picked another number than the browser shows. */
  MATCH_CODE_WRONG,
  /** The phone is not where the browser is, or does not say where it is. */
  PROXIMITY,
  /** Whoever collects is not the browser that asked. */
  BROWSER_MISMATCH,
  /** The browser has collected before. */
  ALREADY_ISSUED,
  /** It is time for a click. */
  REFRESH_LIMIT,
  /** This user scans too often. */
  RATE_LIMITED
}

package io.heliograph.login;

import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Maps refusals of a login to problems over HTTP. */
public final class LoginProblems {

  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** The poll interval plus 5 s (RFC 8628, section 3.5). */
  private static final Duration SLOWER = LoginLimits.POLL_INTERVAL.plusSeconds(5);

  private LoginProblems() {}

  static ProblemException notFound() {
    return new ProblemException(
        ProblemType.TICKET_NOT_FOUND,
        "The ticket does not exist, or its watchToken or phoneToken is wrong.");
  }

  /** The problem for a wrong ticket or secret. */
  public static ProblemException missed(boolean mayMissAgain) {
    return mayMissAgain ? notFound() : tooManyMisses();
  }

  private static ProblemException tooManyMisses() {
    return new ProblemException(
            ProblemType.RATE_LIMITED,
            "This address has sent too many unknown tickets or wrong tokens within a minute; send"
                + " the request again after Retry-After seconds.")
        .retryAfter(MINUTE);
  }

  public static void require(LoginLimits.Admission admission) {
    switch (admission) {
      case YES -> {}
      case TOO_OFTEN ->
          throw new ProblemException(
                  ProblemType.SLOW_DOWN, "Too many requests for this ticket; poll less often.")
              .retryAfter(SLOWER);
      case TOO_MANY_MISSES -> throw tooManyMisses();
    }
  }

  public static ProblemException of(LoginOutcome.Refused refused) {
    return of(refused.why(), refused.state(), refused.attemptsLeft());
  }

  public static ProblemException of(Refusal why, @Nullable TicketState state, int attemptsLeft) {
    ProblemException problem =
        switch (why) {
          case UNKNOWN -> notFound();
          case GONE ->
              new ProblemException(why.problem(), "This login has ended; create a new one.");
          case ALREADY_CLAIMED ->
              new ProblemException(why.problem(), "Another user has scanned this code.");
          case NOT_SCANNED ->
              new ProblemException(why.problem(), "The code has not been scanned yet.");
          case NOT_CONFIRMED ->
              new ProblemException(why.problem(), "The user has not confirmed on the phone yet.");
          case IN_USE ->
              new ProblemException(
                  why.problem(),
                  "The code was scanned already; wait for the login to end, or send force.");
          case SUBJECT_MISMATCH ->
              new ProblemException(
                  why.problem(), "Another user scanned this code; only that user can decide.");
          case MATCH_CODE_WRONG ->
              new ProblemException(
                      why.problem(),
                      "The browser shows another number; send the one that it shows.")
                  .with("attemptsLeft", attemptsLeft);
          case PROXIMITY ->
              new ProblemException(
                  why.problem(),
                  "The phone is not known to be in the browser's country, and"
                      + " heliograph.login.proximity is block.");
          case BROWSER_MISMATCH ->
              new ProblemException(
                  why.problem(),
                  "The cookie of the browser that created this login is missing or wrong.");
          case ALREADY_ISSUED ->
              new ProblemException(
                  why.problem(), "The grant of this login was issued before; start a new login.");
          case REFRESH_LIMIT ->
              new ProblemException(
                      why.problem(),
                      "The code was refreshed automatically too often; the user has to ask for the"
                          + " next one.")
                  .retryAfter(MINUTE);
          case RATE_LIMITED ->
              new ProblemException(
                      why.problem(),
                      "This user has scanned too many codes within a minute; send the request again"
                          + " after Retry-After seconds.")
                  .retryAfter(MINUTE);
        };
    return state == null || why == Refusal.UNKNOWN ? problem : problem.with("state", state);
  }
}

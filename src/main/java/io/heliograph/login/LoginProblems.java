package io.heliograph.login;

import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How a refusal is told over HTTP. */
final class LoginProblems {

  private static final Duration MINUTE = Duration.ofMinutes(1);

  private LoginProblems() {}

  static ProblemException notFound() {
    return new ProblemException(ProblemType.TICKET_NOT_FOUND, "There is no such ticket, or it is not yours.");
  }

  static ProblemException of(LoginOutcome.Refused refused) {
    return of(refused.why(), refused.state(), refused.attemptsLeft());
  }

  static ProblemException of(Refusal why, @Nullable TicketState state, int attemptsLeft) {
    ProblemException problem =
        switch (why) {
          case UNKNOWN -> notFound();
          case GONE -> new ProblemException(ProblemType.TICKET_GONE, "This login has ended.");
          case ALREADY_CLAIMED ->
              new ProblemException(ProblemType.TICKET_ALREADY_CLAIMED, "Another user has scanned this code.");
          case NOT_SCANNED ->
              new ProblemException(ProblemType.TICKET_NOT_CONFIRMED, "Nobody has scanned this code yet.");
          case NOT_CONFIRMED ->
              new ProblemException(ProblemType.TICKET_NOT_CONFIRMED, "The phone has not said yes yet.");
          case IN_USE -> new ProblemException(ProblemType.TICKET_IN_USE, "The login has come too far for this.");
          case SUBJECT_MISMATCH ->
              new ProblemException(ProblemType.SUBJECT_MISMATCH, "Another user has scanned this code.");
          case MATCH_CODE_WRONG ->
              new ProblemException(ProblemType.MATCH_CODE_WRONG, "The browser shows another number.")
                  .with("attemptsLeft", attemptsLeft);
          case PROXIMITY ->
              new ProblemException(ProblemType.PROXIMITY_REQUIRED, "The phone has to be where the browser is.");
          case BROWSER_MISMATCH ->
              new ProblemException(ProblemType.BROWSER_BINDING_FAILED, "This is not the browser that asked.");
          case ALREADY_ISSUED ->
              new ProblemException(ProblemType.GRANT_ALREADY_ISSUED, "The grant was collected before; it is void now.");
          case REFRESH_LIMIT ->
              new ProblemException(ProblemType.REFRESH_LIMIT, "The next code needs a click.").retryAfter(MINUTE);
          case RATE_LIMITED ->
              new ProblemException(ProblemType.RATE_LIMITED, "This user scans too often.").retryAfter(MINUTE);
        };
    return state == null || why == Refusal.UNKNOWN ? problem : problem.with("state", state);
  }
}

package io.heliograph.login;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The result of a scan, confirmation or denial of a login. */
public sealed interface LoginOutcome {

  /**
   * The login has the state.
   *
   * @param repeated the state was the same before, and the answer repeats the first one
   * @param phoneToken opens the confirm page for this user only; null when there is nothing to
   *     decide
   */
  record Done(TicketState state, boolean repeated, @Nullable String phoneToken)
      implements LoginOutcome {
    @Override
    public String toString() {
      return "Done[" + state + ']';
    }
  }

  /**
   * The login did not change.
   *
   * @param state null when no such ticket is known
   * @param attemptsLeft how many wrong match codes are still allowed
   */
  record Refused(Refusal why, @Nullable TicketState state, int attemptsLeft)
      implements LoginOutcome {}

  /** The details that the phone's user sees before deciding. */
  record Context(
      String label,
      @Nullable String ip,
      @Nullable String city,
      @Nullable String country,
      String browser,
      Instant requestedAt,
      String site,
      List<Integer> choices,
      boolean locationMismatch,
      Instant confirmBy) {}
}

package io.heliograph.login;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What became of something that a phone, or a provider for it, said about a login. */
public sealed interface LoginOutcome {

  /**
   * It is so now.
   *
   * @param repeated it was so before; the answer is the first one again
   * @param phoneToken opens the confirm page for this user and nobody else; null when there is
   *     nothing to decide
   */
  record Done(TicketState state, boolean repeated, @Nullable String phoneToken)
      implements LoginOutcome {
    @Override
    public String toString() {
      return "Done[" + state + ']';
    }
  }

  /**
   * @param state null when no such ticket is known
   * @param attemptsLeft match codes that may still be missed
   */
  record Refused(Refusal why, @Nullable TicketState state, int attemptsLeft)
      implements LoginOutcome {}

  /** What the phone's user is shown before deciding. */
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

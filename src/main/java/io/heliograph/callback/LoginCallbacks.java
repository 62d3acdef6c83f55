package io.heliograph.callback;

import io.heliograph.problem.ProblemType;
import org.jspecify.annotations.Nullable;

/**
 * What a proved callback does to a login. Each may be told twice, and in any order; the second time
 * changes nothing. May block; whatever they throw means that nothing was done, and the sender's
 * retry is the recovery.
 */
public interface LoginCallbacks {

  Outcome scanned(Event event);

  Outcome confirmed(Event event);

  Outcome denied(Event event);

  /**
   * @param ticket 22 characters of base64url, not necessarily one that is known
   * @param subject the user, as the provider names them; null only when the provider does not tell
   *     who refused
   * @param unionId the user's name across the provider's apps
   * @param provider {@code app}, {@code wechat-oa} or {@code wechat-open}
   * @param reference the provider's own name for the code, when its event holds it
   * @param matchCode what the user picked, when the sender asked
   */
  record Event(
      String ticket,
      @Nullable String subject,
      @Nullable String unionId,
      String provider,
      @Nullable String reference,
      @Nullable Integer matchCode) {

    public static Event of(String ticket, String subject, String provider) {
      return new Event(ticket, subject, null, provider, null, null);
    }

    /** Without the user, whose name belongs in no log. */
    @Override
    public String toString() {
      return "Event[" + provider + ']';
    }
  }

  /** What became of it. */
  sealed interface Outcome {

    /**
     * It is so now, or was so before.
     *
     * @param confirmLink opens the confirm page for this user and nobody else; null: there is
     *     nothing to decide
     */
    record Done(@Nullable String confirmLink) implements Outcome {
      @Override
      public String toString() {
        return "Done";
      }
    }

    /**
     * Nothing changed.
     *
     * @param state the ticket's, for the problem's member of that name; null when it is not known
     */
    record Refused(ProblemType why, @Nullable String state) implements Outcome {}
  }
}

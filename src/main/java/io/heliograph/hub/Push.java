package io.heliograph.hub;

import io.heliograph.message.Published;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a backend asks of a push, and the honest answer. */
public final class Push {

  private Push() {}

  /** How far the answer waits. */
  public enum Until {
    ACCEPTED,
    DELIVERED,
    ACKED
  }

  public record Wait(Until until, Duration timeout) {
    public static final Wait NONE = new Wait(Until.ACCEPTED, Duration.ZERO);
  }

  public enum Outcome {
    /**
     * It stands in the log; nobody asked for more, or a node that may have delivered it did not
     * say.
     */
    ACCEPTED,
    /** Nobody has got it in time; it stays in the log and whoever comes finds it. */
    QUEUED,
    /** At least one session's network took it. */
    DELIVERED,
    /** At least one client said that it handled it. */
    ACKED
  }

  /**
   * @param delivered sessions whose network took it while the answer waited
   * @param acked sessions that acknowledged it while the answer waited
   * @param nodes those that held recipients; null: nobody waited
   */
  public record Result(
      Published published, Outcome outcome, int delivered, int acked, @Nullable Nodes nodes) {

    static Result accepted(Published published) {
      return new Result(published, Outcome.ACCEPTED, 0, 0, null);
    }
  }
}

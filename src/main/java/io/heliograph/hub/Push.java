package io.heliograph.hub;

import io.heliograph.message.Published;
import java.time.Duration;

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
     * It stands in the log; nobody asked for more, or other nodes deliver it, who are not heard.
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
   */
  public record Result(Published published, Outcome outcome, int delivered, int acked) {}
}

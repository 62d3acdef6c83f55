package io.heliograph.hub;

import java.time.Duration;

/**
 * How long a publish waits before it answers.
 *
 * @param until the event that ends the wait
 * @param timeout the longest wait; the answer then says what has happened so far
 */
public record PublishWait(Until until, Duration timeout) {

  public static final PublishWait NONE = new PublishWait(Until.ACCEPTED, Duration.ZERO);

  public enum Until {
    ACCEPTED,
    DELIVERED,
    ACKED
  }
}

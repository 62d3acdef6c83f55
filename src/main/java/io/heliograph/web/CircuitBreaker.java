package io.heliograph.web;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A circuit breaker for calls to another service. While that service does not answer, calls fail at
 * once instead of waiting for a timeout each.
 */
public final class CircuitBreaker {

  private final int failuresToOpen;
  private final Duration pause;
  private final Clock clock;

  // Guarded by this.
  private int failures;
  private @Nullable Instant openUntil;
  private boolean probing;

  public CircuitBreaker(int failuresToOpen, Duration pause, Clock clock) {
    this.failuresToOpen = failuresToOpen;
    this.pause = pause;
    this.clock = clock;
  }

  /**
   * Whether a call is allowed. After the pause one call is allowed as a probe; the others are
   * rejected until its result is known.
   */
  public synchronized boolean tryAcquire() {
    if (openUntil == null) {
      return true;
    }
    if (probing || clock.instant().isBefore(openUntil)) {
      return false;
    }
    probing = true;
    return true;
  }

  public synchronized void succeeded() {
    failures = 0;
    openUntil = null;
    probing = false;
  }

  /** The call was ended by its caller, which says nothing about the other side. */
  public synchronized void released() {
    probing = false;
  }

  public synchronized void failed() {
    failures++;
    if (probing || failures >= failuresToOpen) {
      openUntil = clock.instant().plus(pause);
    }
    probing = false;
  }
}

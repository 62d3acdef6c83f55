package io.heliograph.client;

/**
 * How fast one client may send: so many requests a second over the long run, with bursts. It holds
 * a single number, the time at which all requests so far would have been due at the steady rate
 * (the generic cell rate algorithm).
 *
 * <p>Used by one thread at a time.
 */
final class RequestRate {

  private static final long SECOND = 1_000_000_000L;

  private final int burstSeconds;
  private long dueNanos;

  /**
   * @param burstSeconds a burst is so many seconds' requests
   */
  RequestRate(int burstSeconds, long nowNanos) {
    this.burstSeconds = burstSeconds;
    this.dueNanos = nowNanos;
  }

  /** Counts a request; false when it is one too many. */
  boolean allows(int perSecond, long nowNanos) {
    charge(1, perSecond, nowNanos);
    return dueNanos - nowNanos <= burstSeconds * SECOND;
  }

  /**
   * Counts a request only if it is allowed.
   *
   * @return 0, or how long to wait until it would be allowed
   */
  long nanosUntilAllowed(int perSecond, long nowNanos) {
    long early = dueNanos + SECOND / perSecond - nowNanos - burstSeconds * SECOND;
    if (early > 0) {
      return early;
    }
    charge(1, perSecond, nowNanos);
    return 0;
  }

  /** Counts as that many requests, for one that cost more than others. */
  void charge(int requests, int perSecond, long nowNanos) {
    if (nowNanos - dueNanos > 0) {
      dueNanos = nowNanos;
    }
    dueNanos += requests * (SECOND / perSecond);
  }
}

package io.heliograph.client;

/**
 * How fast one client may talk: so many frames a second over the long run, with bursts. It holds a
 * single number, the time at which all frames so far would have been due at the steady rate (the
 * generic cell rate algorithm).
 *
 * <p>Used by one thread at a time.
 */
final class FrameRate {

  private static final int BURST_SECONDS = 5;

  private long dueNanos;

  FrameRate(long nowNanos) {
    this.dueNanos = nowNanos;
  }

  /** False when this frame is one too many. */
  boolean allows(int framesPerSecond, long nowNanos) {
    long step = 1_000_000_000L / framesPerSecond;
    if (nowNanos - dueNanos > 0) {
      dueNanos = nowNanos;
    }
    dueNanos += step;
    return dueNanos - nowNanos <= BURST_SECONDS * 1_000_000_000L;
  }

  /** Counts as that many more frames, for a request that cost more than its frame. */
  void charge(int frames, int framesPerSecond) {
    dueNanos += frames * (1_000_000_000L / framesPerSecond);
  }
}

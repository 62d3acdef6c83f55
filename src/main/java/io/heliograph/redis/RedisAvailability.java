package io.heliograph.redis;

import io.lettuce.core.RedisCommandExecutionException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether Redis is usable: it answers and accepts writes. */
final class RedisAvailability {

  private static final Logger log = LoggerFactory.getLogger(RedisAvailability.class);

  private volatile boolean up;

  /**
   * Redis answers, but refuses the regular write of every node: out of memory, or too few replicas.
   */
  private volatile boolean refusesWrites;

  private volatile long downSinceNanos = System.nanoTime();

  boolean isUp() {
    return up;
  }

  /** How long Redis has been unusable; zero while it is usable. */
  Duration away() {
    return up ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - downSinceNanos);
  }

  void onConnected() {
    up = true;
  }

  /** The outcome of a ping. */
  void onPing(@Nullable Throwable failure) {
    if (failure != null) {
      set(false, "Redis does not answer: " + RedisConnections.rootOf(failure));
    } else if (!refusesWrites) {
      set(true, "Redis answers again");
    }
  }

  /**
   * The outcome of a regular write.
   *
   * @return whether the server has become a replica, so that only a new connection leads to the
   *     master
   */
  boolean onWrite(@Nullable Throwable failure) {
    if (failure == null) {
      refusesWrites = false;
      return false;
    }
    Throwable root = RedisConnections.rootOf(failure);
    if (!(root instanceof RedisCommandExecutionException)) {
      return false;
    }
    refusesWrites = true;
    set(false, "Redis answers but refuses writes: " + root.getMessage());
    // In Redis 6 the error code is inside the text of the script's error.
    String reason = root.getMessage();
    return reason != null && reason.contains("READONLY");
  }

  private synchronized void set(boolean usable, String message) {
    if (usable != up) {
      if (usable) {
        log.info(message);
      } else {
        downSinceNanos = System.nanoTime();
        log.warn(message);
      }
      up = usable;
    }
  }
}

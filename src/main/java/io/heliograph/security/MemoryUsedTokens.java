package io.heliograph.security;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** Keeps used tokens in the node's memory. */
final class MemoryUsedTokens implements UsedTokens {

  private static final int MOST = 100_000;

  private final Cache<String, Instant> usedUntil;

  MemoryUsedTokens(Clock clock) {
    usedUntil =
        Caffeine.newBuilder()
            .ticker(() -> Duration.between(Instant.EPOCH, clock.instant()).toNanos())
            .expireAfter(
                Expiry.<String, Instant>creating(
                    (_, until) -> Duration.between(clock.instant(), until)))
            .build();
  }

  /** When the table is full, one-use tokens are refused: an evicted one could be used again. */
  @Override
  public Use use(String id, Instant until) {
    if (usedUntil.estimatedSize() >= MOST) {
      usedUntil.cleanUp();
    }
    if (usedUntil.estimatedSize() >= MOST) {
      return Use.UNKNOWN;
    }
    return usedUntil.asMap().putIfAbsent(id, until) == null ? Use.FIRST : Use.AGAIN;
  }
}

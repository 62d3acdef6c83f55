package io.heliograph.protocol.socketio;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Scheduler;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The sessions of one node, in its memory. */
final class MemoryKeptSessions implements KeptSessions {

  private final Cache<String, KeptSession> sessionsByKey;

  MemoryKeptSessions(Duration recovery, Ticker ticker) {
    this(recovery, ticker, MAX_BYTES);
  }

  /**
   * @param maxBytes of all sessions together; beyond it those go first that are unlikely to be
   *     asked for
   */
  MemoryKeptSessions(Duration recovery, Ticker ticker, long maxBytes) {
    this.sessionsByKey =
        Caffeine.newBuilder()
            .maximumWeight(maxBytes)
            .weigher((String key, KeptSession session) -> session.bytes())
            .expireAfterWrite(recovery)
            // Also while no client connects.
            .scheduler(Scheduler.systemScheduler())
            .executor(Runnable::run)
            .ticker(ticker)
            .build();
  }

  @Override
  public void keep(String key, KeptSession session) {
    sessionsByKey.put(key, session);
  }

  @Override
  public CompletableFuture<@Nullable KeptSession> take(String key) {
    return CompletableFuture.completedFuture(sessionsByKey.asMap().remove(key));
  }
}

package io.heliograph.protocol.socketio;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The sessions of one node, in its memory. */
final class MemoryKeptSessions implements KeptSessions {

  /** The longest unused go first: about a hundred megabytes. */
  private static final int MAX_SESSIONS = 50_000;

  private final Cache<String, KeptSession> sessionsByKey;

  MemoryKeptSessions(Duration recovery, Ticker ticker) {
    this.sessionsByKey =
        Caffeine.newBuilder()
            .maximumSize(MAX_SESSIONS)
            .expireAfterWrite(recovery)
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

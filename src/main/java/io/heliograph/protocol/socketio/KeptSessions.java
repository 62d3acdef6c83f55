package io.heliograph.protocol.socketio;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Remembers lost sessions for {@code heliograph.socketio.recovery}, by a key that only their
 * clients can know. Thread-safe; nothing here blocks. What cannot be remembered is forgotten: the
 * client then learns that messages may be missing.
 */
interface KeptSessions {

  /**
   * What one node remembers within the recovery time, about 50,000 sessions that follow a few
   * channels. Clients that connect and leave in a loop would fill the memory of the node, or of
   * Redis, otherwise.
   */
  long MAX_BYTES = 100 << 20;

  void keep(String key, KeptSession session);

  /** Removes a session and returns it; null when there is none. May fail. */
  CompletableFuture<@Nullable KeptSession> take(String key);
}

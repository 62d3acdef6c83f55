package io.heliograph.protocol.socketio;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Remembers lost sessions for {@code heliograph.socketio.recovery}, by a key that only their
 * clients can know. Thread-safe; nothing here blocks. What cannot be remembered is forgotten: the
 * client then learns that messages may be missing.
 */
interface KeptSessions {

  void keep(String key, KeptSession session);

  /** Gives a session to the first who asks; null when there is none. May fail. */
  CompletableFuture<@Nullable KeptSession> take(String key);
}

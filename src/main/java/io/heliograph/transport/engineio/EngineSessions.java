package io.heliograph.transport.engineio;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of an endpoint that are carried by polling, by the secret id that their requests
 * name.
 */
final class EngineSessions {

  private final Map<String, PollingCarrier> sessionsById = new ConcurrentHashMap<>();

  void add(String sid, PollingCarrier session) {
    sessionsById.put(sid, session);
  }

  @Nullable PollingCarrier find(String sid) {
    return sessionsById.get(sid);
  }

  void remove(String sid) {
    sessionsById.remove(sid);
  }

  int size() {
    return sessionsById.size();
  }

  /** Ends those whose clients do not poll any more. */
  void tick(long nowNanos) {
    for (PollingCarrier session : sessionsById.values()) {
      session.tick(nowNanos);
    }
  }
}

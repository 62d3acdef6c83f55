package io.heliograph.login.wechat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The states of one node. When it is full, new ones are refused: none that is in use is dropped.
 */
final class MemoryOAuthStateStore implements OAuthStateStore {

  /** Far more than the limits of logins let begin within the life of a state. */
  static final int MOST = 50_000;

  private record Entry(String value, Instant end) {}

  private final Clock clock;

  /** In the order of their ends, since all have the same life. Guarded by itself. */
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  MemoryOAuthStateStore(Clock clock) {
    this.clock = clock;
  }

  @Override
  public void put(String key, String value, Duration life) {
    Instant now = clock.instant();
    synchronized (entries) {
      var oldestFirst = entries.values().iterator();
      while (oldestFirst.hasNext() && !now.isBefore(oldestFirst.next().end())) {
        oldestFirst.remove();
      }
      if (entries.size() >= MOST) {
        throw new OAuthStateStoreUnavailableException(
            "this node keeps " + MOST + " states of website logins already", null);
      }
      entries.put(key, new Entry(value, now.plus(life)));
    }
  }

  @Override
  public Optional<String> find(String key) {
    synchronized (entries) {
      Entry entry = entries.get(key);
      return entry == null || !clock.instant().isBefore(entry.end())
          ? Optional.empty()
          : Optional.of(entry.value());
    }
  }
}

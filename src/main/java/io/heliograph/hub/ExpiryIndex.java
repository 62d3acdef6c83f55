package io.heliograph.hub;

import io.heliograph.session.Session;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;

/**
 * Index of the sessions with a right that expires, by the second in which it does. Sessions without
 * such a right have no entry.
 */
final class ExpiryIndex {

  private final ConcurrentSkipListMap<Long, Set<Session>> sessionsBySecond =
      new ConcurrentSkipListMap<>();

  void add(Session session, Instant end) {
    sessionsBySecond.compute(
        second(end),
        (_, sessions) -> {
          Set<Session> present = sessions == null ? ConcurrentHashMap.newKeySet() : sessions;
          present.add(session);
          return present;
        });
  }

  void remove(Session session, Instant end) {
    sessionsBySecond.computeIfPresent(
        second(end),
        (_, sessions) -> {
          sessions.remove(session);
          return sessions.isEmpty() ? null : sessions;
        });
  }

  /** Passes on each session with a right that has expired. */
  void tick(Instant now, Consumer<Session> ended) {
    while (true) {
      Map.Entry<Long, Set<Session>> first = sessionsBySecond.firstEntry();
      if (first == null || first.getKey() > now.getEpochSecond()) {
        return;
      }
      Set<Session> sessions = sessionsBySecond.remove(first.getKey());
      if (sessions != null) {
        for (Session session : sessions) {
          try {
            ended.accept(session);
          } catch (Throwable e) {
            // The entry is gone, so without this the right would never end.
            session.fail("Ending a right", e);
          }
        }
      }
    }
  }

  /** Rounded up, so that no right ends early. */
  private static long second(Instant end) {
    return end.plusNanos(999_999_999).getEpochSecond();
  }
}

package io.heliograph.login.store;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The clock of a store. When the machine's clock is set back a little, time stands still until it
 * has caught up, so that nothing that was over begins again; after a large step (somebody corrected
 * a wrong clock) standing still would keep tickets open for as long as the error was, so then the
 * new time counts.
 */
final class StoreClock {

  private static final Duration LITTLE = Duration.ofMinutes(1);

  private final Clock clock;
  private final AtomicReference<Instant> latest;

  StoreClock(Clock clock) {
    this.clock = clock;
    this.latest = new AtomicReference<>(Instant.EPOCH);
  }

  Instant now() {
    return latest(clock.instant());
  }

  /** The time, by a clock that says that it is this late. */
  Instant latest(Instant wall) {
    return latest.updateAndGet(
        seen -> wall.isBefore(seen) && seen.isBefore(wall.plus(LITTLE)) ? seen : wall);
  }
}

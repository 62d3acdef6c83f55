package io.heliograph.login.store;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The clock of a store. When the machine's clock is set back a little, this clock stops until the
 * machine's has caught up, so that expired tickets do not become valid again. A large step back, as
 * when a wrong clock is corrected, is followed, because stopping would keep tickets open for the
 * whole difference.
 */
final class StoreClock {

  private static final Duration MAX_STEP_BACK = Duration.ofMinutes(1);

  private final Clock clock;
  private final AtomicReference<Instant> latest;

  StoreClock(Clock clock) {
    this.clock = clock;
    this.latest = new AtomicReference<>(Instant.EPOCH);
  }

  Instant now() {
    return latest(clock.instant());
  }

  /** The time, given the machine's reading. */
  Instant latest(Instant wall) {
    return latest.updateAndGet(
        seen -> wall.isBefore(seen) && seen.isBefore(wall.plus(MAX_STEP_BACK)) ? seen : wall);
  }
}

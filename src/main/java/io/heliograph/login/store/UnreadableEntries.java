package io.heliograph.login.store;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts tickets or grants in Redis that no node can have written, and logs at most one per minute.
 * Such entries are treated as absent.
 */
final class UnreadableEntries {

  private static final Logger log = LoggerFactory.getLogger(UnreadableEntries.class);
  private static final Duration BETWEEN_WARNINGS = Duration.ofMinutes(1);

  private final String entry;
  private final Counter counter;
  private final AtomicLong nextWarningNanos = new AtomicLong(System.nanoTime());

  /**
   * @param entry {@code ticket} or {@code grant}
   */
  UnreadableEntries(String entry, MeterRegistry meters) {
    this.entry = entry;
    this.counter =
        Counter.builder("heliograph.logins.unreadable")
            .description("Tickets and grants in Redis that cannot be read")
            .tag("entry", entry)
            .register(meters);
  }

  void found() {
    counter.increment();
    long now = System.nanoTime();
    long next = nextWarningNanos.get();
    if (now - next >= 0 && nextWarningNanos.compareAndSet(next, now + BETWEEN_WARNINGS.toNanos())) {
      log.warn(
          "Skipping an unreadable {} in Redis; does another program write to keys that"
              + " begin with heliograph.redis.prefix?",
          entry);
    }
  }
}

package io.heliograph.support;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.function.Supplier;

/**
 * The wall clock of tests: it stands still until a test moves it, or runs ahead of the system's.
 */
public final class ManualClock extends Clock {

  private final Supplier<Instant> base;
  private volatile Duration ahead = Duration.ZERO;

  public ManualClock() {
    this(Instant.parse("2026-01-01T00:00:00Z"));
  }

  /** A clock that stands still. */
  public ManualClock(Instant start) {
    this(() -> start);
  }

  private ManualClock(Supplier<Instant> base) {
    this.base = base;
  }

  /** The system's clock, which a test can put forward. */
  public static ManualClock running() {
    return new ManualClock(Instant::now);
  }

  public void advance(Duration duration) {
    ahead = ahead.plus(duration);
  }

  public void advanceSeconds(long seconds) {
    advance(Duration.ofSeconds(seconds));
  }

  public void set(Instant now) {
    ahead = Duration.between(base.get(), now);
  }

  @Override
  public Instant instant() {
    return base.get().plus(ahead);
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }
}

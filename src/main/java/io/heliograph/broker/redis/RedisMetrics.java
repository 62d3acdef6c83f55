package io.heliograph.broker.redis;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** The meters of the Redis broker. */
final class RedisMetrics {

  private final Counter reconnects;
  private final Counter resubscriptions;
  private final Counter missed;
  private final Timer lag;
  private final Map<String, Unreadable> unreadable = new ConcurrentHashMap<>();
  private final MeterRegistry meters;
  private final LongSupplier nanoTime;
  private final Map<String, Timer> timersByScript = new HashMap<>();

  /** How often unreadable content of one kind is logged at most. */
  private static final Duration BETWEEN_WARNINGS = Duration.ofMinutes(1);

  private static final class Unreadable {
    final Counter counter;
    final AtomicLong nextWarningNanos;

    Unreadable(Counter counter, long now) {
      this.counter = counter;
      this.nextWarningNanos = new AtomicLong(now);
    }
  }

  RedisMetrics(MeterRegistry meters, BooleanSupplier up, LongSupplier nanoTime) {
    this.meters = meters;
    this.nanoTime = nanoTime;
    Gauge.builder("heliograph.broker.up", () -> up.getAsBoolean() ? 1 : 0)
        .description("1 while Redis answers this node and accepts its writes")
        .register(meters);
    reconnects =
        Counter.builder("heliograph.broker.reconnects")
            .description("Reconnects to Redis")
            .register(meters);
    resubscriptions =
        Counter.builder("heliograph.broker.resubscriptions")
            .description("Channels that were subscribed again")
            .register(meters);
    missed =
        Counter.builder("heliograph.broker.unheard")
            .description("Lost announcements that the check of heads found")
            .register(meters);
    lag =
        Timer.builder("heliograph.broker.lag")
            .description("From announcing, by Redis's clock, to receiving it, by this node's")
            .publishPercentileHistogram()
            .minimumExpectedValue(Duration.ofMillis(1))
            .maximumExpectedValue(Duration.ofSeconds(10))
            .register(meters);
    for (BrokerScript script : BrokerScript.values()) {
      timersByScript.put(
          script.tag(),
          Timer.builder("heliograph.broker.script")
              .description("From sending a script to its answer")
              .tag("script", script.tag())
              .publishPercentileHistogram()
              .minimumExpectedValue(Duration.ofNanos(100_000))
              .maximumExpectedValue(Duration.ofSeconds(2))
              .register(meters));
    }
  }

  void reconnected() {
    reconnects.increment();
  }

  void resubscribed(int channels) {
    resubscriptions.increment(channels);
  }

  void missed() {
    missed.increment();
  }

  /**
   * Counts content of Redis that none of our scripts can have written.
   *
   * @param what {@code entry} or {@code announcement}
   * @return whether to log it too: the first time, and then at most once a minute
   */
  boolean unreadable(String what, long count) {
    long now = nanoTime.getAsLong();
    Unreadable kind =
        unreadable.computeIfAbsent(
            what,
            _ ->
                new Unreadable(
                    Counter.builder("heliograph.broker.unreadable")
                        .description("Entries and announcements in Redis that cannot be read")
                        .tag("what", what)
                        .register(meters),
                    now));
    kind.counter.increment(count);
    long next = kind.nextWarningNanos.get();
    return now - next >= 0
        && kind.nextWarningNanos.compareAndSet(next, now + BETWEEN_WARNINGS.toNanos());
  }

  void announced(long millisOnTheWay) {
    lag.record(Duration.ofMillis(Math.max(0, millisOnTheWay)));
  }

  void ran(BrokerScript script, long nanos) {
    Timer timer = timersByScript.get(script.tag());
    if (timer != null) {
      timer.record(Duration.ofNanos(nanos));
    }
  }
}

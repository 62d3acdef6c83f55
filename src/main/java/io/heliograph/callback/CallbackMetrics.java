package io.heliograph.callback;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import org.springframework.stereotype.Component;

/** The metrics of callbacks. */
@Component
public final class CallbackMetrics {

  /** The outcome of a callback, used as a metric's tag. */
  public enum Result {
    PROCESSED,
    DUPLICATE,
    IN_PROGRESS,
    REUSED,
    IGNORED,
    /** Authentic but not readable; answered as a success. */
    UNREADABLE,
    UNAUTHENTICATED,
    MALFORMED,
    REFUSED,
    FAILED
  }

  private final MeterRegistry meters;

  public CallbackMetrics(MeterRegistry meters) {
    this.meters = meters;
  }

  /** Registers a source's counters at zero, so that the first refusal is visible as an increase. */
  void expect(String source) {
    for (Result result : Result.values()) {
      counter(source, result);
    }
  }

  /**
   * @param source the name of a configured source, never a name from a request
   */
  public void count(String source, Result result) {
    counter(source, result).increment();
  }

  private Counter counter(String source, Result result) {
    return meters.counter(
        "heliograph.callbacks",
        "source",
        source,
        "outcome",
        result.name().toLowerCase(Locale.ROOT));
  }

  /**
   * Counts a callback signed with a secret that has an end: its sender does not use the next secret
   * yet.
   */
  public void countRetiring(String source) {
    meters.counter("heliograph.callbacks.retiring", "source", source).increment();
  }
}

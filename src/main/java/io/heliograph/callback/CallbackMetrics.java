package io.heliograph.callback;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import org.springframework.stereotype.Component;

/** Counts callbacks; the names in one place. */
@Component
public final class CallbackMetrics {

  /** What became of a callback; a closed set. */
  public enum Result {
    PROCESSED,
    DUPLICATE,
    IN_PROGRESS,
    REUSED,
    IGNORED,
    /** Proved to come from the provider, but not readable; answered as a success. */
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

  /** From zero on, so that the first refusal shows as a change. */
  void expect(String source) {
    for (Result result : Result.values()) {
      counter(source, result);
    }
  }

  /**
   * @param source the name of a configured source, never what a caller wrote
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

  /** A secret with an end was used: its sender has not changed to the next one yet. */
  public void countRetiring(String source) {
    meters.counter("heliograph.callbacks.retiring", "source", source).increment();
  }
}

package io.heliograph.upstream;

import io.heliograph.webhook.WebhookResult;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.function.IntSupplier;

/** The meters of requests to the backend. */
final class UpstreamMetrics {

  /** What the outcome of a request means for the circuit breaker. */
  enum Sign {
    WELL,
    ILL,
    NOTHING
  }

  /** The outcome of a request, a tag of the metrics. */
  enum Outcome {
    /** The expected answer. */
    OK(Sign.WELL),
    /** The backend refused the request. */
    PROBLEM(Sign.WELL),
    /** An answer that is neither JSON nor a problem document. */
    UNEXPECTED(Sign.WELL),
    TIMEOUT(Sign.ILL),
    INTERNAL_ADDRESS(Sign.ILL),
    UNREACHABLE(Sign.ILL),
    TOO_LARGE(Sign.ILL),
    BROKEN(Sign.ILL),
    /** The client stopped sending its upload. */
    INCOMPLETE(Sign.NOTHING),
    /** The session ended before the answer, or an upload was shorter than announced. */
    CANCELLED(Sign.NOTHING),
    /** Not sent, because too many requests are in progress. */
    BUSY(Sign.NOTHING),
    /** Not sent, because the last requests failed. */
    SUSPENDED(Sign.NOTHING);

    private final Sign sign;

    Outcome(Sign sign) {
      this.sign = sign;
    }

    Sign says() {
      return sign;
    }

    static Outcome of(WebhookResult.Failure failure) {
      return valueOf(failure.name());
    }

    String tag() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The kind of a request, a tag of the metrics. */
  enum Kind {
    CALL,
    PUBLISH,
    UPLOAD;

    String tag() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final MeterRegistry meters;

  UpstreamMetrics(MeterRegistry meters) {
    this.meters = meters;
  }

  Timer.Sample begin() {
    return Timer.start(meters);
  }

  void end(Timer.Sample begun, Kind kind, Outcome outcome) {
    begun.stop(timer(kind, outcome));
  }

  private Timer timer(Kind kind, Outcome outcome) {
    return Timer.builder("heliograph.upstream.requests")
        .description("Requests to the backend on behalf of clients")
        .tag("kind", kind.tag())
        .tag("outcome", outcome.tag())
        .register(meters);
  }

  /**
   * Registers the meters of a kind, so that its first failure is an increase that an alert sees.
   */
  void active(Kind kind, IntSupplier number) {
    Gauge.builder("heliograph.upstream.active", number, IntSupplier::getAsInt)
        .description("Requests to the backend that are not answered yet")
        .tag("kind", kind.tag())
        .strongReference(true)
        .register(meters);
    for (Outcome outcome : Outcome.values()) {
      timer(kind, outcome);
    }
  }

  /** Counts bytes of uploads that were written to the backend. */
  void uploaded(long bytes) {
    Counter.builder("heliograph.upstream.upload.bytes")
        .description("Bytes of uploads that were passed on to the backend")
        .register(meters)
        .increment(bytes);
  }
}

package io.heliograph.upstream;

import io.heliograph.webhook.WebhookResult;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.function.IntSupplier;

/** The meters of what clients send on, all named here. */
final class UpstreamMetrics {

  /** What came of it. */
  enum Outcome {
    /** An answer. */
    OK,
    /** A refusal of the backend. */
    PROBLEM,
    TIMEOUT,
    INTERNAL_ADDRESS,
    UNREACHABLE,
    TOO_LARGE,
    BROKEN,
    /** An answer that is neither JSON nor a problem. */
    UNEXPECTED,
    /** Not asked, because too many are under way. */
    BUSY,
    /** Not asked, because the last ones failed. */
    SUSPENDED,
    /** The session ended before the answer. */
    CANCELLED;

    static Outcome of(WebhookResult.Failure failure) {
      return valueOf(failure.name());
    }

    String tag() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What the backend is asked for. */
  enum Kind {
    CALL,
    PUBLISH;

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
    begun.stop(
        Timer.builder("heliograph.upstream.requests")
            .description("Requests to the backend on behalf of clients")
            .tag("kind", kind.tag())
            .tag("outcome", outcome.tag())
            .register(meters));
  }

  void active(Kind kind, IntSupplier number) {
    Gauge.builder("heliograph.upstream.active", number, IntSupplier::getAsInt)
        .description("Requests to the backend that are not answered yet")
        .tag("kind", kind.tag())
        .strongReference(true)
        .register(meters);
  }
}

package io.heliograph.hub;

import io.heliograph.message.TraceParent;
import io.micrometer.core.instrument.Timer;
import io.prometheus.metrics.tracer.common.SpanContext;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Attaches the trace of the delivered message to samples of {@code heliograph.delivery}, so that a
 * slow bucket links to a publish. Scrapes show exemplars in the OpenMetrics format.
 */
final class TraceExemplars implements SpanContext {

  private static final ThreadLocal<@Nullable TraceParent> CURRENT = new ThreadLocal<>();

  /** Records a sample with the trace as the current one, if the trace is sampled. */
  static void record(Timer timer, Duration sample, @Nullable TraceParent trace) {
    if (trace == null || !trace.isSampled()) {
      timer.record(sample);
      return;
    }
    CURRENT.set(trace);
    try {
      timer.record(sample);
    } finally {
      CURRENT.remove();
    }
  }

  @Override
  public @Nullable String getCurrentTraceId() {
    TraceParent trace = CURRENT.get();
    return trace == null ? null : trace.traceId();
  }

  @Override
  public @Nullable String getCurrentSpanId() {
    TraceParent trace = CURRENT.get();
    return trace == null ? null : trace.spanId();
  }

  @Override
  public boolean isCurrentSpanSampled() {
    return CURRENT.get() != null;
  }

  @Override
  public void markCurrentSpanAsExemplar() {
    // The span belongs to the caller, which records it.
  }
}

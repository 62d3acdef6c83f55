package io.heliograph.client;

import io.heliograph.problem.ProblemType;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.stereotype.Component;

/** Counts what clients send and are refused. */
@Component
final class ClientMetrics {

  private final MeterRegistry meters;

  ClientMetrics(MeterRegistry meters) {
    this.meters = meters;
  }

  /**
   * @param reason of a closed set
   */
  void refused(String reason) {
    Counter.builder("heliograph.frames.refused")
        .description("Frames from browsers that were refused")
        .tag("reason", reason)
        .register(meters)
        .increment();
  }

  void refused(ProblemType type) {
    refused(type.slug().replace('-', '_'));
  }
}

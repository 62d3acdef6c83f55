package io.heliograph.cluster;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** The metrics of queries between nodes. */
final class ClusterMetrics {

  /** How a query of this node ended. */
  private enum Asked {
    ANSWERED,
    PARTIAL,
    UNAVAILABLE
  }

  /** What happened to a query of another node. */
  enum Arrived {
    ANSWERED,
    LATE,
    NOT_UNDERSTOOD,
    MALFORMED,
    NO_ROOM
  }

  private final Map<Asked, Counter> questions;
  private final Map<Arrived, Counter> arrived;

  ClusterMetrics(MeterRegistry meters, IntSupplier nodes) {
    Gauge.builder("heliograph.cluster.nodes", nodes::getAsInt)
        .description("Nodes in the cluster, including this one")
        .register(meters);
    questions =
        counters(
            Asked.class,
            "heliograph.cluster.questions",
            "Queries of this node to all nodes, by outcome",
            meters);
    arrived =
        counters(
            Arrived.class,
            "heliograph.cluster.heard",
            "Queries of other nodes that arrived here, by outcome",
            meters);
  }

  private static <E extends Enum<E>> Map<E, Counter> counters(
      Class<E> outcomes, String name, String description, MeterRegistry meters) {
    Map<E, Counter> counters = new EnumMap<>(outcomes);
    for (E outcome : outcomes.getEnumConstants()) {
      counters.put(
          outcome,
          Counter.builder(name)
              .description(description)
              .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
              .register(meters));
    }
    return counters;
  }

  /**
   * @param answers null when the query could not be sent
   */
  void asked(PendingQuery.@Nullable Answers answers) {
    if (answers == null) {
      count(questions, Asked.UNAVAILABLE);
    } else {
      count(questions, answers.nodes().complete() ? Asked.ANSWERED : Asked.PARTIAL);
    }
  }

  void arrived(Arrived outcome) {
    count(arrived, outcome);
  }

  private static <E> void count(Map<E, Counter> counters, E outcome) {
    Counter counter = counters.get(outcome);
    if (counter != null) {
      counter.increment();
    }
  }
}

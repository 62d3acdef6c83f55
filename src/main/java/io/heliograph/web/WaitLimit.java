package io.heliograph.web;

import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Limits how many calls of one kind wait at a time, per caller and per node. The limits protect
 * memory and connections; a waiting call occupies no thread.
 */
public final class WaitLimit {

  private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

  private final int perCaller;
  private final int perNode;
  private final Counter refused;
  private final AtomicInteger all = new AtomicInteger();

  /** Callers without waiting calls have no entry. */
  private final Map<String, Integer> countsByCaller = new ConcurrentHashMap<>();

  /**
   * @param kind the kind of call, as in the metrics' tag
   */
  public WaitLimit(String kind, int perCaller, int perNode, MeterRegistry meters) {
    this.perCaller = perCaller;
    this.perNode = perNode;
    this.refused =
        Counter.builder("heliograph.waits.refused")
            .description("Calls that were refused because too many of their kind wait")
            .tag("kind", kind)
            .register(meters);
    Gauge.builder("heliograph.waits", all, AtomicInteger::get)
        .description(
            "Calls that wait: for receipts, for lines of a stream, for a login's next state")
        .tag("kind", kind)
        .register(meters);
  }

  /** The slot of one waiting call, occupied until it is closed. */
  public final class Place implements AutoCloseable {
    private final String caller;

    private Place(String caller) {
      this.caller = caller;
    }

    @Override
    public void close() {
      all.decrementAndGet();
      countsByCaller.computeIfPresent(caller, (_, count) -> count > 1 ? count - 1 : null);
    }
  }

  /**
   * @throws ProblemException 429 when the caller's limit is reached, 503 when the node's limit is
   *     reached
   */
  public Place enter(String caller) {
    var place = new Place(caller);
    int ofCaller = countsByCaller.merge(caller, 1, Integer::sum);
    int ofAll = all.incrementAndGet();
    if (ofCaller > perCaller) {
      place.close();
      refused.increment();
      throw new ProblemException(
              ProblemType.RATE_LIMITED,
              "This caller has "
                  + perCaller
                  + " such calls open, which is the limit; wait for one to end.")
          .retryAfter(RETRY_AFTER);
    }
    if (ofAll > perNode) {
      place.close();
      refused.increment();
      throw new ProblemException(
              ProblemType.UNAVAILABLE,
              "This node has "
                  + perNode
                  + " such calls open, which is its limit; send the request again.")
          .retryAfter(RETRY_AFTER);
    }
    return place;
  }
}

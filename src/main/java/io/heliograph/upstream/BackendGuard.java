package io.heliograph.upstream;

import io.heliograph.concurrent.Background;
import io.heliograph.upstream.UpstreamMetrics.Outcome;
import io.heliograph.web.CircuitBreaker;
import io.heliograph.webhook.WebhookResult;
import io.heliograph.webhook.WebhookResult.Answer;
import io.heliograph.webhook.WebhookResult.Failure;
import io.micrometer.core.instrument.Timer;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Limits and measures the requests of one kind to the backend: at most so many at a time, and none
 * for a while after several failures in a row. Thread-safe and non-blocking.
 */
final class BackendGuard {

  private static final int FAILURES_TO_OPEN = 5;
  private static final Duration PAUSE = Duration.ofSeconds(10);

  private final UpstreamMetrics.Kind kind;
  private final int most;
  private final UpstreamMetrics metrics;
  private final Clock clock;
  private final AtomicInteger active = new AtomicInteger();

  /** Bounded: the groups are entries of the settings. */
  private final ConcurrentHashMap<String, CircuitBreaker> breakers = new ConcurrentHashMap<>();

  BackendGuard(UpstreamMetrics.Kind kind, int most, UpstreamMetrics metrics, Clock clock) {
    this.kind = kind;
    this.most = most;
    this.metrics = metrics;
    this.clock = clock;
    metrics.active(kind, active::get);
  }

  /** Whether a request may be sent. */
  sealed interface Entry {}

  /** Why a request may not be sent. */
  enum NotAsked implements Entry {
    BUSY(Outcome.BUSY),
    SUSPENDED(Outcome.SUSPENDED);

    private final Outcome outcome;

    NotAsked(Outcome outcome) {
      this.outcome = outcome;
    }
  }

  /**
   * The converted result.
   *
   * @param outcome for the metrics and the circuit breaker
   */
  record Read<T>(T value, Outcome outcome) {}

  /** Makes the client's answer of what came or did not come. */
  interface Reader<T> {
    Read<T> answered(Answer answer);

    Read<T> failed(Failure failure);
  }

  /**
   * Reserves a place, unless all are taken or the last requests failed.
   *
   * @param group requests that share a circuit breaker, so that failures of one method do not
   *     suspend the others
   */
  Entry enter(String group) {
    Timer.Sample begun = metrics.begin();
    CircuitBreaker breaker =
        breakers.computeIfAbsent(group, _ -> new CircuitBreaker(FAILURES_TO_OPEN, PAUSE, clock));
    NotAsked refusal = null;
    if (active.incrementAndGet() > most) {
      refusal = NotAsked.BUSY;
    } else if (!breaker.tryAcquire()) {
      refusal = NotAsked.SUSPENDED;
    }
    if (refusal == null) {
      return new Place(begun, breaker);
    }
    active.decrementAndGet();
    metrics.end(begun, kind, refusal.outcome);
    return refusal;
  }

  /** A reserved place, released when its request is complete. */
  final class Place implements Entry {
    private final Timer.Sample begun;
    private final CircuitBreaker breaker;

    private Place(Timer.Sample begun, CircuitBreaker breaker) {
      this.begun = begun;
      this.breaker = breaker;
    }

    /**
     * Sends the request.
     *
     * @return the caller ends the request by cancelling or completing it
     */
    <T> CompletableFuture<T> ask(
        Supplier<CompletableFuture<WebhookResult>> request, Reader<T> reader) {
      CompletableFuture<WebhookResult> asked = Background.attempt(request);
      CompletableFuture<T> answer = new CompletableFuture<>();
      Background.onCompletion(
          asked,
          (result, failure) -> {
            active.decrementAndGet();
            Read<T> read =
                switch (result) {
                  case Answer whole -> reader.answered(whole);
                  case Failure none -> reader.failed(none);
                  case null -> null;
                };
            end(read == null ? Outcome.CANCELLED : read.outcome());
            if (read != null) {
              answer.complete(read.value());
            } else {
              answer.completeExceptionally(failure == null ? new CancellationException() : failure);
            }
          },
          answer::completeExceptionally);
      Background.onCompletion(
          "Ending a request",
          answer,
          // Has no effect if the request is complete.
          (_, _) -> asked.cancel(true));
      return answer;
    }

    private void end(Outcome outcome) {
      metrics.end(begun, kind, outcome);
      switch (outcome.says()) {
        case WELL -> breaker.succeeded();
        case ILL -> breaker.failed();
        case NOTHING -> breaker.released();
      }
    }
  }
}

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
 * Lets requests of one kind to the backend: bounded in number, suspended while the backend does not
 * answer, and measured. Safe for many threads; nothing here blocks.
 */
final class BackendGuard {

  private static final int FAILURES_TO_OPEN = 5;
  private static final Duration PAUSE = Duration.ofSeconds(10);

  private final UpstreamMetrics.Kind kind;
  private final int most;
  private final UpstreamMetrics metrics;
  private final Clock clock;
  private final AtomicInteger active = new AtomicInteger();

  /** As many as there are entries in the settings. */
  private final ConcurrentHashMap<String, CircuitBreaker> breakers = new ConcurrentHashMap<>();

  BackendGuard(UpstreamMetrics.Kind kind, int most, UpstreamMetrics metrics, Clock clock) {
    this.kind = kind;
    this.most = most;
    this.metrics = metrics;
    this.clock = clock;
    metrics.active(kind, active::get);
  }

  /** Whether the backend may be asked. */
  sealed interface Entry {}

  /** Why it may not. */
  enum NotAsked implements Entry {
    BUSY(Outcome.BUSY),
    SUSPENDED(Outcome.SUSPENDED);

    private final Outcome outcome;

    NotAsked(Outcome outcome) {
      this.outcome = outcome;
    }
  }

  /**
   * What a result means.
   *
   * @param outcome how it is counted
   */
  record Read<T>(T value, Outcome outcome) {}

  /** Makes of what came, or did not come, what the client is told. */
  interface Reader<T> {
    Read<T> answered(Answer answer);

    Read<T> failed(Failure failure);
  }

  /**
   * Takes a place, unless all are taken or the last requests failed.
   *
   * @param group what fails together: a client that calls a slow method suspends no other
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

  /** A place that was taken; it is given back when its request is done. */
  final class Place implements Entry {
    private final Timer.Sample begun;
    private final CircuitBreaker breaker;

    private Place(Timer.Sample begun, CircuitBreaker breaker) {
      this.begun = begun;
      this.breaker = breaker;
    }

    /**
     * Makes the request.
     *
     * @return completing it otherwise, as by cancelling it, ends the request
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
          // Without effect on one that is done.
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

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
import org.jspecify.annotations.Nullable;

/**
 * Questions of one kind to the backend: bounded in number, suspended while the backend does not
 * answer, and measured. Safe for many threads; nothing here blocks.
 */
final class GuardedBackend {

  private static final int FAILURES_TO_OPEN = 5;
  private static final Duration PAUSE = Duration.ofSeconds(10);

  private final Backend backend;
  private final UpstreamMetrics.Kind kind;
  private final int most;
  private final Duration timeout;
  private final UpstreamMetrics metrics;
  private final Clock clock;
  private final AtomicInteger active = new AtomicInteger();

  /** As many as there are entries in the settings. */
  private final ConcurrentHashMap<String, CircuitBreaker> breakers = new ConcurrentHashMap<>();

  GuardedBackend(
      Backend backend,
      UpstreamMetrics.Kind kind,
      int most,
      Duration timeout,
      UpstreamMetrics metrics,
      Clock clock) {
    this.backend = backend;
    this.kind = kind;
    this.most = most;
    this.timeout = timeout;
    this.metrics = metrics;
    this.clock = clock;
    metrics.active(kind, active::get);
  }

  /** Why the backend was not asked. */
  enum NotAsked {
    BUSY(Outcome.BUSY),
    SUSPENDED(Outcome.SUSPENDED);

    private final Outcome outcome;

    NotAsked(Outcome outcome) {
      this.outcome = outcome;
    }
  }

  /**
   * What an answer means.
   *
   * @param outcome how it is counted
   */
  record Read<T>(T value, Outcome outcome) {}

  /** Makes of what came, or did not come, what the client is told. */
  interface Reader<T> {
    Read<T> answered(Answer answer);

    T failed(Failure failure);

    T notAsked(NotAsked why);
  }

  /**
   * Asks, unless too many questions are under way or the last ones failed.
   *
   * @param group what fails together: a client that calls a slow method suspends no other
   * @return cancelling it ends the request
   */
  <T> CompletableFuture<T> ask(String group, Backend.Question question, Reader<T> reader) {
    Timer.Sample begun = metrics.begin();
    CircuitBreaker breaker =
        breakers.computeIfAbsent(group, _ -> new CircuitBreaker(FAILURES_TO_OPEN, PAUSE, clock));
    NotAsked why = refusal(breaker);
    if (why != null) {
      metrics.end(begun, kind, why.outcome);
      return CompletableFuture.completedFuture(reader.notAsked(why));
    }
    CompletableFuture<WebhookResult> asked =
        Background.attempt(() -> backend.ask(question, timeout));
    CompletableFuture<T> answer = new CompletableFuture<>();
    Background.onCompletion(
        asked,
        (result, failure) -> {
          active.decrementAndGet();
          switch (result) {
            case Answer whole -> {
              breaker.succeeded();
              Read<T> read = reader.answered(whole);
              metrics.end(begun, kind, read.outcome());
              answer.complete(read.value());
            }
            case Failure none -> {
              breaker.failed();
              metrics.end(begun, kind, Outcome.of(none));
              answer.complete(reader.failed(none));
            }
            case null -> {
              breaker.released();
              metrics.end(begun, kind, Outcome.CANCELLED);
              answer.completeExceptionally(failure == null ? new CancellationException() : failure);
            }
          }
        },
        answer::completeExceptionally);
    Background.onCompletion(
        "Ending a request",
        answer,
        (_, failure) -> {
          if (failure instanceof CancellationException) {
            asked.cancel(true);
          }
        });
    return answer;
  }

  /** Null: a place was taken, and the backend may be asked. */
  private @Nullable NotAsked refusal(CircuitBreaker breaker) {
    if (active.incrementAndGet() > most) {
      active.decrementAndGet();
      return NotAsked.BUSY;
    }
    if (!breaker.tryAcquire()) {
      active.decrementAndGet();
      return NotAsked.SUSPENDED;
    }
    return null;
  }
}

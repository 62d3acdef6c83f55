package io.heliograph.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.support.ManualClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The risk: a service that does not answer blocks all callers, or is never called again. */
class CircuitBreakerTests {

  private static final Duration PAUSE = Duration.ofSeconds(10);

  private final ManualClock clock = new ManualClock();

  @Test
  void afterAFailedProbeTheBreakerStaysOpenForAnotherPause() {
    CircuitBreaker breaker = opened(1);
    assertThat(breaker.tryAcquire()).isFalse();
    clock.advance(PAUSE);
    assertThat(breaker.tryAcquire()).isTrue();
    assertThat(breaker.tryAcquire()).isFalse();
    breaker.failed();
    assertThat(breaker.tryAcquire()).isFalse();
    clock.advance(PAUSE);
    assertThat(breaker.tryAcquire()).isTrue();
    breaker.succeeded();
    assertThat(breaker.tryAcquire()).isTrue();
  }

  @Test
  void aSuccessResetsTheCountOfFailures() {
    CircuitBreaker breaker = new CircuitBreaker(2, PAUSE, clock);
    breaker.failed();
    breaker.succeeded();
    breaker.failed();
    assertThat(breaker.tryAcquire()).isTrue();
    breaker.failed();
    assertThat(breaker.tryAcquire()).isFalse();
  }

  @Test
  void anAbandonedProbeAllowsAnotherOne() {
    CircuitBreaker breaker = opened(1);
    clock.advance(PAUSE);
    assertThat(breaker.tryAcquire()).isTrue();
    breaker.released();
    assertThat(breaker.tryAcquire()).isTrue();
    assertThat(breaker.tryAcquire()).isFalse();
  }

  private CircuitBreaker opened(int failures) {
    CircuitBreaker breaker = new CircuitBreaker(failures, PAUSE, clock);
    for (int i = 0; i < failures; i++) {
      assertThat(breaker.tryAcquire()).isTrue();
      breaker.failed();
    }
    return breaker;
  }
}

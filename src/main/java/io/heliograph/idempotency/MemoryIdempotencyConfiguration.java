package io.heliograph.idempotency;

import java.time.Clock;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** One node remembers for itself: {@code heliograph.broker=memory}. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "heliograph.broker", havingValue = "memory", matchIfMissing = true)
class MemoryIdempotencyConfiguration {

  @Bean
  IdempotencyStore memoryIdempotencyStore(IdempotencyProperties bounds, Clock clock) {
    return new MemoryIdempotencyStore(bounds, clock);
  }
}

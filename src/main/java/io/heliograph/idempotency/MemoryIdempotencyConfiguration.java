package io.heliograph.idempotency;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Keys are kept in the node's memory: {@code heliograph.broker=memory}. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "heliograph.broker", havingValue = "memory", matchIfMissing = true)
class MemoryIdempotencyConfiguration {

  @Bean
  IdempotencyStore memoryIdempotencyStore(
      IdempotencyProperties bounds, Clock clock, MeterRegistry meters) {
    MemoryIdempotencyStore store = new MemoryIdempotencyStore(bounds, clock);
    FunctionCounter.builder(
            "heliograph.idempotency.refused", store, MemoryIdempotencyStore::refused)
        .description("Requests that were refused because this node's memory of their kind is full")
        .register(meters);
    return store;
  }
}

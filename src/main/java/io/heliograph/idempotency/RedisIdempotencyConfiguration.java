package io.heliograph.idempotency;

import io.heliograph.redis.RedisNamespace;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.core.StringRedisTemplate;

/** Keys are shared by all nodes: {@code heliograph.broker=redis}. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "heliograph.broker", havingValue = "redis")
class RedisIdempotencyConfiguration {

  @Bean
  IdempotencyStore redisIdempotencyStore(
      StringRedisTemplate redis, RedisNamespace names, MeterRegistry meters) {
    return new RedisIdempotencyStore(redis, names, meters);
  }
}

package io.heliograph.security;

import io.heliograph.redis.RedisNamespace;
import java.time.Clock;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.core.StringRedisTemplate;

/** Chooses the store of used tokens by {@code heliograph.broker}. */
@Configuration(proxyBeanMethods = false)
class UsedTokensConfiguration {

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnProperty(name = "heliograph.broker", havingValue = "memory", matchIfMissing = true)
  static class Memory {
    @Bean
    UsedTokens memoryUsedTokens(Clock clock) {
      return new MemoryUsedTokens(clock);
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnProperty(name = "heliograph.broker", havingValue = "redis")
  static class Redis {
    @Bean
    UsedTokens redisUsedTokens(StringRedisTemplate redis, RedisNamespace names, Clock clock) {
      return new RedisUsedTokens(redis, names, clock);
    }
  }
}

package io.heliograph.broker.redis;

import io.heliograph.broker.ClusterBus;
import io.heliograph.broker.LogProperties;
import io.heliograph.redis.RedisConnections;
import io.heliograph.redis.RedisNamespace;
import io.heliograph.redis.RedisProperties;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The broker for several nodes: {@code heliograph.broker=redis}. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "heliograph.broker", havingValue = "redis")
class RedisBrokerConfiguration {

  @Bean
  RedisBroker redisBroker(
      RedisConnections connections,
      RedisNamespace namespace,
      RedisProperties properties,
      LogProperties log,
      Clock clock,
      MeterRegistry meters) {
    return new RedisBroker(connections, namespace, properties, log, clock, meters);
  }

  @Bean
  ClusterBus redisClusterBus(RedisBroker broker) {
    return broker.bus();
  }

  @Bean
  BrokerHealth brokerHealthIndicator(RedisConnections connections, RedisProperties properties) {
    return new BrokerHealth(connections, properties.unreadyAfter());
  }
}

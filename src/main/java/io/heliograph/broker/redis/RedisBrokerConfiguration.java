package io.heliograph.broker.redis;

import io.heliograph.broker.ClusterBus;
import io.heliograph.broker.LogProperties;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.data.redis.autoconfigure.ClientResourcesBuilderCustomizer;
import org.springframework.boot.data.redis.autoconfigure.LettuceClientOptionsBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * The broker for several nodes: {@code heliograph.broker=redis}. {@code spring.data.redis} says
 * where Redis is.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "heliograph.broker", havingValue = "redis")
class RedisBrokerConfiguration {

  @Bean
  RedisBroker redisBroker(
      LettuceConnectionFactory factory,
      StaleConnectionCloser connections,
      RedisBrokerProperties properties,
      LogProperties log,
      Clock clock,
      MeterRegistry meters) {
    return new RedisBroker(
        factory.getRequiredNativeClient(), connections, properties, log, clock, meters);
  }

  @Bean
  ClusterBus redisPeers(RedisBroker broker) {
    return broker.bus();
  }

  @Bean
  BrokerHealth brokerHealthIndicator(RedisBroker broker, RedisBrokerProperties properties) {
    return new BrokerHealth(broker.connections(), properties.unreadyAfter());
  }

  @Bean
  LettuceClientOptionsBuilderCustomizer failFast(RedisBrokerProperties properties) {
    return options -> failFast(options, properties.timeout());
  }

  @Bean
  StaleConnectionCloser deadLines(RedisBrokerProperties properties) {
    return new StaleConnectionCloser(properties.timeout().multipliedBy(2));
  }

  @Bean
  ClientResourcesBuilderCustomizer linesComeBack(StaleConnectionCloser connections) {
    return resources -> linesComeBack(resources, connections);
  }

  /**
   * Reconnects soon: the usual delay grows to 30 s, during which publishes would be refused
   * although Redis is back. Dead connections are closed, so that they are replaced, too.
   */
  static ClientResources.Builder linesComeBack(
      ClientResources.Builder resources, StaleConnectionCloser connections) {
    return resources
        .reconnectDelay(
            Delay.fullJitter(
                Duration.ofMillis(20), Duration.ofSeconds(1), 50, TimeUnit.MILLISECONDS))
        .nettyCustomizer(connections);
  }

  /**
   * A command is answered in time or fails: none waits for a connection, and none is sent twice.
   */
  static ClientOptions.Builder failFast(ClientOptions.Builder options, Duration timeout) {
    return options
        .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
        .replayFilter(_ -> true)
        .timeoutOptions(TimeoutOptions.enabled(timeout))
        .socketOptions(SocketOptions.builder().connectTimeout(timeout).keepAlive(true).build());
  }
}

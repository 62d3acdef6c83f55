package io.heliograph.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.data.redis.autoconfigure.ClientResourcesBuilderCustomizer;
import org.springframework.boot.data.redis.autoconfigure.LettuceClientOptionsBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * Connections to Redis for {@code heliograph.broker=redis}. {@code spring.data.redis} configures
 * the address.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "heliograph.broker", havingValue = "redis")
public class RedisConfiguration {

  @Bean
  RedisNamespace redisNamespace(RedisProperties properties) {
    return new RedisNamespace(properties.prefix());
  }

  @Bean
  RedisConnections redisConnections(
      LettuceConnectionFactory factory, StaleConnectionCloser closer, RedisProperties properties) {
    return new RedisConnections(factory.getRequiredNativeClient(), closer, properties.timeout());
  }

  @Bean
  StaleConnectionCloser staleConnectionCloser(RedisProperties properties) {
    return new StaleConnectionCloser(properties.timeout().multipliedBy(2));
  }

  @Bean
  LettuceClientOptionsBuilderCustomizer failFast(RedisProperties properties) {
    return options -> failFast(options, properties.timeout());
  }

  @Bean
  ClientResourcesBuilderCustomizer reconnectSoon(StaleConnectionCloser closer) {
    return resources -> reconnectSoon(resources, closer);
  }

  /**
   * Reconnects within a second. Lettuce's default delay grows to 30 s, during which publishes would
   * be refused although Redis is back. Dead connections are closed, so that they are replaced as
   * well.
   */
  public static ClientResources.Builder reconnectSoon(
      ClientResources.Builder resources, StaleConnectionCloser closer) {
    return resources
        .reconnectDelay(
            Delay.fullJitter(
                Duration.ofMillis(20), Duration.ofSeconds(1), 50, TimeUnit.MILLISECONDS))
        .nettyCustomizer(closer);
  }

  /**
   * A command is answered within the timeout or fails: it does not wait for a connection and is not
   * sent twice.
   */
  public static ClientOptions.Builder failFast(ClientOptions.Builder options, Duration timeout) {
    return options
        .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
        .replayFilter(_ -> true)
        .timeoutOptions(TimeoutOptions.enabled(timeout))
        .socketOptions(SocketOptions.builder().connectTimeout(timeout).keepAlive(true).build());
  }
}

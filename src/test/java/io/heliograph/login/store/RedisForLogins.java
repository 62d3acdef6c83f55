package io.heliograph.login.store;

import io.heliograph.support.RedisServer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;

/** A real Redis for login stores, whose scripts use a clock of the test. */
final class RedisForLogins implements AutoCloseable {

  final RedisServer server = RedisServer.running();
  private final LettuceConnectionFactory connections;

  RedisForLogins() {
    connections =
        new LettuceConnectionFactory(
            new RedisStandaloneConfiguration("127.0.0.1", server.port()),
            LettuceClientConfiguration.builder()
                .commandTimeout(Duration.ofSeconds(2))
                .shutdownTimeout(Duration.ZERO)
                .build());
    connections.afterPropertiesSet();
    connections.start();
  }

  /**
   * The scripts of a node.
   *
   * @param clock null: Redis's own clock
   */
  LoginScripts scripts(@Nullable Clock clock) {
    StringRedisTemplate template = new StringRedisTemplate(connections);
    return clock == null ? new LoginScripts(template) : new TimedScripts(template, clock);
  }

  /** Passes the test's time to the scripts. */
  private static final class TimedScripts extends LoginScripts {
    private final Clock clock;
    private final StoreClock steps;

    TimedScripts(StringRedisTemplate redis, Clock clock) {
      super(redis);
      this.clock = clock;
      this.steps = new StoreClock(clock);
    }

    @Override
    String time() {
      return Long.toString(clock.millis());
    }

    @Override
    Instant now() {
      return steps.now();
    }
  }

  @Override
  public void close() {
    connections.destroy();
    server.close();
  }
}

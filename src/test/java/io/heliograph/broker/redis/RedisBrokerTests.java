package io.heliograph.broker.redis;

import io.heliograph.broker.Broker;
import io.heliograph.broker.BrokerContract;
import io.heliograph.broker.LogProperties;
import io.heliograph.broker.RecordingListener;
import io.heliograph.support.RedisServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** The contract against a real Redis. */
@SuppressWarnings("NullAway.Init") // the server is started before the tests
class RedisBrokerTests extends BrokerContract {

  /**
   * A server's clock cannot be moved, so time passes the other way round: everything that Redis
   * holds becomes older.
   */
  static final String GROW_OLDER =
      """
      local by = tonumber(ARGV[1])
      for _, log in ipairs(redis.call('KEYS', '*:log')) do
        redis.call('HINCRBY', log, 'o', -by)
      end
      for _, key in ipairs(redis.call('KEYS', '*:messages')) do
        local entries = redis.call('XRANGE', key, '-', '+')
        local ttl = redis.call('PTTL', key)
        redis.call('DEL', key)
        for _, entry in ipairs(entries) do
          local f = entry[2]
          f[2] = string.format('%.0f', f[2] - by)
          if f[4] ~= '0' then
            f[4] = string.format('%.0f', f[4] - by)
          end
          redis.call('XADD', key, entry[1], unpack(f))
        end
        redis.call('PEXPIRE', key, ttl)
      end
      return 'OK'
      """;

  private static RedisServer redis;

  private final RedisBrokers brokers = new RedisBrokers();

  @BeforeAll
  static void startRedis() {
    redis = RedisServer.running();
    try (RedisBrokers warmUp = new RedisBrokers()) {
      warmUp.start(redis.port(), ROOMY, new RecordingListener());
    }
  }

  @AfterAll
  static void stopRedis() {
    if (redis != null) {
      redis.close();
    }
  }

  @AfterEach
  void closeBrokers() {
    brokers.close();
  }

  @Override
  protected Broker newBroker(LogProperties bounds) {
    return brokers.make(redis.port(), bounds, Duration.ofSeconds(30), new SimpleMeterRegistry());
  }

  @Override
  protected Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MILLIS);
  }

  @Override
  protected void advance(Duration duration) {
    String answer = redis.command("EVAL", GROW_OLDER, "0", Long.toString(duration.toMillis()));
    if (!answer.startsWith("$2")) {
      throw new IllegalStateException(answer);
    }
  }
}

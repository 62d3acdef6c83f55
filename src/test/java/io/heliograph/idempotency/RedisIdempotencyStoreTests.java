package io.heliograph.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliograph.redis.RedisNamespace;
import io.heliograph.support.RedisServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;

@SuppressWarnings("NullAway.Init") // the server is started before the tests
class RedisIdempotencyStoreTests extends IdempotencyStoreContract {

  /** Redis's clock cannot be moved, so the TTL of every key is reduced instead. */
  private static final String REDUCE_TTL =
      """
      for _, key in ipairs(redis.call('KEYS', '*')) do
        redis.call('PEXPIRE', key, redis.call('PTTL', key) - ARGV[1])
      end
      """;

  private static RedisServer redis;
  private static LettuceConnectionFactory connections;

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private IdempotencyStore store;

  @BeforeAll
  static void startRedis() {
    redis = RedisServer.running();
    connections = connectTo(redis);
  }

  private static LettuceConnectionFactory connectTo(RedisServer server) {
    var factory =
        new LettuceConnectionFactory(
            new RedisStandaloneConfiguration("127.0.0.1", server.port()),
            LettuceClientConfiguration.builder()
                .commandTimeout(Duration.ofSeconds(1))
                .shutdownTimeout(Duration.ZERO)
                .build());
    factory.afterPropertiesSet();
    factory.start();
    return factory;
  }

  @AfterAll
  static void stopRedis() {
    if (connections != null) {
      connections.destroy();
    }
    if (redis != null) {
      redis.close();
    }
  }

  @BeforeEach
  void empty() {
    redis.command("FLUSHALL");
    store =
        new RedisIdempotencyStore(
            new StringRedisTemplate(connections), new RedisNamespace("test"), meters);
  }

  @Override
  IdempotencyStore store() {
    return store;
  }

  @Override
  void advance(Duration time) {
    redis.command("EVAL", REDUCE_TTL, "0", Long.toString(time.toMillis()));
  }

  /** It is treated as absent: the request is processed, and its new claim is stored. */
  @Test
  void anUnreadableClaimIsReplaced() throws Exception {
    Duration lease = Duration.ofSeconds(5);
    String[][] garbage = {
      {"SET", "x"}, {"HSET", "f", "p", "s", "x", "t", "", "b", ""}, {"HSET", "f", "p", "s", "200"}
    };
    for (int i = 0; i < garbage.length; i++) {
      String key = "k" + i;
      assertThat(store.claim("s", key, "p", lease)).isInstanceOf(Claim.Fresh.class);
      String name = "test:once:" + sha256("1:s" + key);
      List<String> command = new ArrayList<>(List.of(garbage[i]));
      command.add(1, name);
      redis.command("DEL", name);
      redis.command(command.toArray(String[]::new));
      assertThat(store.claim("s", key, "p", lease)).isInstanceOf(Claim.Fresh.class);
      assertThat(store.claim("s", key, "p", lease)).isInstanceOf(Claim.InProgress.class);
      redis.command("FLUSHALL");
    }
    assertThat(meters.get("heliograph.idempotency.unreadable").counter().count()).isEqualTo(3);
  }

  private static String sha256(String text) throws Exception {
    byte[] digest =
        MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest);
  }

  @Test
  void withoutRedisClaimsFail() {
    try (RedisServer other = RedisServer.running()) {
      LettuceConnectionFactory toOther = connectTo(other);
      var orphan =
          new RedisIdempotencyStore(
              new StringRedisTemplate(toOther), new RedisNamespace("test"), meters);
      other.kill();
      assertThatThrownBy(() -> orphan.claim("s", "k", "p", Duration.ofSeconds(1)))
          .isInstanceOf(IdempotencyStoreUnavailableException.class);
      toOther.destroy();
    }
  }
}

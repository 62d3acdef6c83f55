package io.heliograph.protocol.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.redis.RedisNamespace;
import io.heliograph.support.RedisServer;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;

/** In Redis, for all nodes. */
@SuppressWarnings("NullAway.Init") // started before the tests
class RedisKeptSessionsTests extends KeptSessionsContract {

  private static RedisServer redis;
  private static LettuceConnectionFactory connections;

  private static KeptSessions sessions;

  @BeforeAll
  static void begin() {
    redis = RedisServer.running();
    connections =
        new LettuceConnectionFactory(new RedisStandaloneConfiguration("127.0.0.1", redis.port()));
    connections.afterPropertiesSet();
    connections.start();
    sessions =
        new RedisKeptSessions(
            new StringRedisTemplate(connections),
            new RedisNamespace("test"),
            RECOVERY,
            Runnable::run);
  }

  @AfterAll
  static void end() {
    if (connections != null) {
      connections.destroy();
    }
    if (redis != null) {
      redis.close();
    }
  }

  @Override
  KeptSessions sessions() {
    return sessions;
  }

  /** Redis has no clock that a test can move; it is asked how long it would keep the entry. */
  @Override
  void recoveryPasses() {
    String key = "test:socketio:late";
    assertThat(Long.parseLong(redis.text("PTTL", key)))
        .isPositive()
        .isLessThanOrEqualTo(RECOVERY.toMillis());
    redis.command("PEXPIRE", key, "0");
  }

  @Test
  void anEntryThatCannotBeReadIsNone() {
    redis.command("SET", "test:socketio:odd", "followed nonsense");
    assertThat(sessions.take("odd").join()).isNull();
  }

  @Test
  void whatOneNodeWritesIsLimited() {
    KeptSession each = session("alice");
    var few =
        new RedisKeptSessions(
            new StringRedisTemplate(connections),
            new RedisNamespace("few"),
            Duration.ofDays(365),
            Runnable::run,
            10L * each.bytes());
    for (int i = 0; i < 100; i++) {
      few.keep("lost-" + i, each);
    }
    assertThat(few.take("lost-9").join()).isEqualTo(each);
    assertThat(few.take("lost-10").join()).isNull();
    assertThat(few.take("lost-99").join()).isNull();
  }

  @Test
  void keepingASessionWhileRedisIsAwayFailsNoClient() {
    var unreachable =
        new LettuceConnectionFactory(
            new RedisStandaloneConfiguration("127.0.0.1", RedisServer.freePort()));
    unreachable.afterPropertiesSet();
    unreachable.start();
    try {
      var lost =
          new RedisKeptSessions(
              new StringRedisTemplate(unreachable),
              new RedisNamespace("test"),
              Duration.ofMinutes(1),
              Runnable::run);
      lost.keep("key", session("alice"));
      assertThat(lost.take("key")).isCompletedExceptionally();
    } finally {
      unreachable.destroy();
    }
  }
}

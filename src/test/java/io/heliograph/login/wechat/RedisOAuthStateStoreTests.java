package io.heliograph.login.wechat;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.heliograph.redis.RedisNamespace;
import io.heliograph.support.RedisServer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;

class RedisOAuthStateStoreTests extends OAuthStateStoreContract {

  private final RedisServer server = RedisServer.running();
  private final LettuceConnectionFactory connections =
      new LettuceConnectionFactory(
          new RedisStandaloneConfiguration("127.0.0.1", server.port()),
          LettuceClientConfiguration.builder()
              .commandTimeout(Duration.ofSeconds(2))
              .shutdownTimeout(Duration.ZERO)
              .build());

  RedisOAuthStateStoreTests() {
    connections.afterPropertiesSet();
    connections.start();
  }

  @AfterEach
  void end() {
    connections.destroy();
    server.close();
  }

  @Override
  OAuthStateStore store() {
    return new RedisOAuthStateStore(
        new StringRedisTemplate(connections), new RedisNamespace("test"));
  }

  @Override
  void outlive(OAuthStateStore store, String key, Duration life) {
    await().until(() -> store.find(key).isEmpty());
  }

  @Test
  void withoutRedisItIsUnknownWhatWasBegun() {
    OAuthStateStore store = store();
    server.close();
    assertThatThrownBy(() -> store.find("one"))
        .isInstanceOf(OAuthStateStoreUnavailableException.class);
    assertThatThrownBy(() -> store.put("one", "value", Duration.ofMinutes(1)))
        .isInstanceOf(OAuthStateStoreUnavailableException.class);
  }
}

package io.heliograph.login.wechat;

import io.heliograph.redis.RedisNamespace;
import java.time.Duration;
import java.util.Optional;
import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.core.StringRedisTemplate;

/** The states of all nodes, so that any node can accept the return. Redis removes expired ones. */
final class RedisOAuthStateStore implements OAuthStateStore {

  private final StringRedisTemplate redis;
  private final RedisNamespace names;

  RedisOAuthStateStore(StringRedisTemplate redis, RedisNamespace names) {
    this.redis = redis;
    this.names = names;
  }

  @Override
  public void put(String key, String value, Duration life) {
    try {
      redis.opsForValue().set(name(key), value, life);
    } catch (DataAccessException e) {
      throw unavailable(e);
    }
  }

  @Override
  public Optional<String> find(String key) {
    try {
      return Optional.ofNullable(redis.opsForValue().get(name(key)));
    } catch (DataAccessException e) {
      throw unavailable(e);
    }
  }

  private static OAuthStateStoreUnavailableException unavailable(DataAccessException cause) {
    return new OAuthStateStoreUnavailableException(
        "a Redis command for OAuth states failed", cause);
  }

  private String name(String key) {
    return names.key("oauth-state", key);
  }
}

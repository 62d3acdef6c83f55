package io.heliograph.security;

import io.heliograph.redis.RedisNamespace;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.core.StringRedisTemplate;

/** Keeps the used tokens of all nodes in Redis, until the token has expired on every node. */
final class RedisUsedTokens implements UsedTokens {

  private static final Logger log = LoggerFactory.getLogger(RedisUsedTokens.class);

  /** A node whose clock is late accepts the token for longer than the node that stored its use. */
  private static final Duration CLOCKS_APART = Duration.ofMinutes(5);

  private final StringRedisTemplate redis;
  private final RedisNamespace names;
  private final Clock clock;

  RedisUsedTokens(StringRedisTemplate redis, RedisNamespace names, Clock clock) {
    this.redis = redis;
    this.names = names;
    this.clock = clock;
  }

  @Override
  public Use use(String id, Instant until) {
    Duration keep = Duration.between(clock.instant(), until).plus(CLOCKS_APART);
    try {
      Boolean first = redis.opsForValue().setIfAbsent(names.digestKey("used", id), "1", keep);
      return Boolean.TRUE.equals(first) ? Use.FIRST : Use.AGAIN;
    } catch (DataAccessException e) {
      log.warn(
          "A one-use token is refused, because Redis cannot be asked whether it was used: {}",
          e.getClass().getSimpleName());
      return Use.UNKNOWN;
    }
  }
}

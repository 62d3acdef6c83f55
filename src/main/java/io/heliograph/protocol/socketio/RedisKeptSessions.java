package io.heliograph.protocol.socketio;

import io.github.bucket4j.Bucket;
import io.heliograph.concurrent.Background;
import io.heliograph.redis.RedisNamespace;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.redis.core.StringRedisTemplate;

/** The sessions of all nodes, in Redis. */
final class RedisKeptSessions implements KeptSessions {

  private static final Logger log = LoggerFactory.getLogger(RedisKeptSessions.class);

  /** While Redis is away, lost sessions must not pile up before it. */
  private static final int MAX_UNDER_WAY = 1_000;

  private final StringRedisTemplate redis;
  private final RedisNamespace names;
  private final Duration recovery;
  private final Executor blocking;
  private final Semaphore underWay = new Semaphore(MAX_UNDER_WAY);

  /** The bytes that this node may still write. */
  private final Bucket room;

  /**
   * @param blocking runs what waits for Redis
   */
  RedisKeptSessions(
      StringRedisTemplate redis, RedisNamespace names, Duration recovery, Executor blocking) {
    this(redis, names, recovery, blocking, MAX_BYTES);
  }

  /**
   * @param maxBytes that this node writes within the recovery time, on average
   */
  RedisKeptSessions(
      StringRedisTemplate redis,
      RedisNamespace names,
      Duration recovery,
      Executor blocking,
      long maxBytes) {
    this.redis = redis;
    this.names = names;
    this.recovery = recovery;
    this.blocking = blocking;
    this.room =
        Bucket.builder()
            .addLimit(limit -> limit.capacity(maxBytes).refillGreedy(maxBytes, recovery))
            .build();
  }

  @Override
  public void keep(String key, KeptSession session) {
    if (!room.tryConsume(session.bytes()) || !underWay.tryAcquire()) {
      return;
    }
    Background.observe(
        "Keeping a session for its client's return",
        CompletableFuture.runAsync(
                () -> redis.opsForValue().set(name(key), session.text(), recovery), blocking)
            .whenComplete((_, _) -> underWay.release()));
  }

  @Override
  public CompletableFuture<@Nullable KeptSession> take(String key) {
    return CompletableFuture.supplyAsync(
        () -> {
          String text = redis.opsForValue().getAndDelete(name(key));
          return text == null ? null : parse(text);
        },
        blocking);
  }

  private static @Nullable KeptSession parse(String text) {
    try {
      return KeptSession.parse(text);
    } catch (RuntimeException e) {
      log.warn("A session in Redis cannot be read, and is not recovered", e);
      return null;
    }
  }

  private String name(String key) {
    return names.key("socketio", key);
  }
}

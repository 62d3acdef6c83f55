package io.heliograph.idempotency;

import io.heliograph.redis.RedisNamespace;
import io.heliograph.redis.RedisScript;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.core.StringRedisTemplate;

/**
 * Keeps the claims of all nodes in Redis, timed by its clock. Each method is one script; Redis
 * removes expired entries.
 */
final class RedisIdempotencyStore implements IdempotencyStore {

  private static final Logger log = LoggerFactory.getLogger(RedisIdempotencyStore.class);

  private static final RedisScript CLAIM = script("claim");
  private static final RedisScript COMPLETE = script("complete");
  private static final RedisScript RELEASE = script("release");

  private final StringRedisTemplate redis;
  private final RedisNamespace names;
  private final Counter unreadable;

  RedisIdempotencyStore(StringRedisTemplate redis, RedisNamespace names, MeterRegistry meters) {
    this.unreadable =
        Counter.builder("heliograph.idempotency.unreadable")
            .description("Claims in Redis that cannot be read")
            .register(meters);
    this.redis = redis;
    this.names = names;
  }

  @Override
  public Claim claim(String scope, String key, String fingerprint, Duration lease) {
    try {
      return tryToClaim(scope, key, fingerprint, lease);
    } catch (UnreadableClaimException e) {
      // No version of Heliograph writes such an entry, so it is treated as absent.
      unreadable.increment();
      log.warn(
          "A claim in Redis cannot be read and is removed; does another program write to keys that"
              + " begin with heliograph.redis.prefix?");
      reached(() -> redis.delete(name(scope, key)));
    }
    try {
      return tryToClaim(scope, key, fingerprint, lease);
    } catch (UnreadableClaimException e) {
      throw new IdempotencyStoreUnavailableException("a claim cannot be read", e);
    }
  }

  private static final class UnreadableClaimException extends Exception {
    UnreadableClaimException(@Nullable Throwable cause) {
      super("a claim cannot be read", cause);
    }
  }

  private Claim tryToClaim(String scope, String key, String fingerprint, Duration lease)
      throws UnreadableClaimException {
    String owner = UUID.randomUUID().toString();
    List<?> answer =
        reached(
            () ->
                CLAIM.run(
                    redis,
                    List.class,
                    List.of(name(scope, key)),
                    fingerprint,
                    owner,
                    millis(lease)));
    return switch (String.valueOf(answer.getFirst())) {
      case "fresh" -> new Claim.Fresh(scope, key, owner);
      case "reused" -> new Claim.Reused();
      case "working" -> new Claim.InProgress();
      case "done" -> new Claim.Done(reply(answer));
      default -> throw new UnreadableClaimException(null);
    };
  }

  private static StoredReply reply(List<?> answer) throws UnreadableClaimException {
    try {
      String contentType = String.valueOf(answer.get(2));
      return new StoredReply(
          Integer.parseInt(String.valueOf(answer.get(1))),
          contentType.isEmpty() ? null : contentType,
          Base64.getDecoder().decode(String.valueOf(answer.get(3))));
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new UnreadableClaimException(e);
    }
  }

  @Override
  public boolean complete(Claim.Fresh claim, StoredReply reply, Duration keep) {
    return reached(
            () ->
                COMPLETE.run(
                    redis,
                    Long.class,
                    List.of(name(claim.scope(), claim.key())),
                    claim.owner(),
                    Integer.toString(reply.status()),
                    reply.contentType() == null ? "" : reply.contentType(),
                    Base64.getEncoder().encodeToString(reply.body()),
                    millis(keep)))
        == 1;
  }

  @Override
  public void release(Claim.Fresh claim) {
    reached(
        () ->
            RELEASE.run(
                redis, Long.class, List.of(name(claim.scope(), claim.key())), claim.owner()));
  }

  private static <T> T reached(Supplier<T> call) {
    try {
      return call.get();
    } catch (DataAccessException e) {
      throw new IdempotencyStoreUnavailableException(
          "a Redis command for idempotency keys failed", e);
    }
  }

  private static String millis(Duration duration) {
    return Long.toString(Math.max(1, duration.toMillis()));
  }

  /**
   * A digest, because a caller's key may contain any character. The scope's length separates scope
   * and key unambiguously.
   */
  private String name(String scope, String key) {
    return names.digestKey("once", scope.length() + ":" + scope + key);
  }

  private static RedisScript script(String file) {
    return RedisScript.of(RedisIdempotencyStore.class, file);
  }
}

package io.heliograph.login;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import java.time.Duration;
import java.util.List;

/**
 * How much one address, user or browser may ask for. By this node, and forgetting the rarest first
 * when full.
 */
final class LoginLimits {

  private static final int REMEMBERED = 100_000;
  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** A browser that reacts at once to a few transitions is not one that polls too fast. */
  private static final int POLLS_AT_ONCE = 5;

  private final LoginProperties.Limits limits;
  private final Duration pollInterval;
  private final Cache<String, Bucket> creationsByAddress = cache();
  private final Cache<String, Bucket> missesByAddress = cache();
  private final Cache<String, Bucket> scansBySubject = cache();
  private final Cache<String, Bucket> pollsByTicket = cache();

  LoginLimits(LoginProperties.Limits limits, Duration pollInterval) {
    this.limits = limits;
    this.pollInterval = pollInterval;
  }

  private static Cache<String, Bucket> cache() {
    return Caffeine.newBuilder()
        .maximumSize(REMEMBERED)
        .expireAfterAccess(MINUTE.multipliedBy(2))
        .build();
  }

  private static Bucket bucket(int capacity, Duration refill) {
    return Bucket.builder()
        .addLimit(l -> l.capacity(capacity).refillGreedy(capacity, refill))
        .build();
  }

  boolean mayCreate(String address) {
    return creationsByAddress.get(address, _ -> bucket(limits.perAddress(), MINUTE)).tryConsume(1);
  }

  /** Called for each miss; false when that were too many. */
  boolean mayMiss(String address) {
    return missesByAddress
        .get(address, _ -> bucket(limits.missesPerAddress(), MINUTE))
        .tryConsume(1);
  }

  boolean mayScan(String subject) {
    return scansBySubject
        .get(BearerSecrets.hash(subject), _ -> bucket(limits.scansPerSubject(), MINUTE))
        .tryConsume(1);
  }

  boolean mayPoll(String ticket) {
    return pollsByTicket
        .get(ticket, _ -> bucket(POLLS_AT_ONCE, pollInterval.multipliedBy(POLLS_AT_ONCE)))
        .tryConsume(1);
  }

  /** As after a start. */
  void forget() {
    List.of(creationsByAddress, missesByAddress, scansBySubject, pollsByTicket)
        .forEach(Cache::invalidateAll);
  }
}

package io.heliograph.login;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Rate limits of the login API: per address, user, browser and ticket. Each node counts separately
 * and evicts the least recently used counters when it has too many.
 *
 * <p>Calls with a secret of a ticket are limited before the store is read: by the ticket's own
 * counters once the secret was verified, and by the failed attempts of the caller's address until
 * then. The ticket id is public, so knowing it must not allow a caller to use up the limit of the
 * browser that owns the ticket.
 */
public final class LoginLimits {

  /** The shortest interval between polls. */
  public static final Duration POLL_INTERVAL = Duration.ofSeconds(3);

  private static final int REMEMBERED = 100_000;
  private static final Duration MINUTE = Duration.ofMinutes(1);

  /**
   * The burst of polls that is allowed, for a browser that reacts to several transitions at once.
   */
  private static final int POLLS_AT_ONCE = 5;

  /** The limits, by the tag of {@code heliograph.logins.limited}. */
  enum Limit {
    PER_ADDRESS,
    MISSES_PER_ADDRESS,
    SCANS_PER_SUBJECT,
    CALLS_PER_TICKET,
    POLLS_PER_TICKET,
    OPEN_PER_BROWSER,
    OPEN
  }

  private final LoginProperties.Limits limits;
  private final Map<Limit, Counter> refusals = new EnumMap<>(Limit.class);
  private final Cache<String, Bucket> creationsByAddress = cache();
  private final Cache<String, Bucket> startsByAddress = cache();
  private final Cache<String, Bucket> missesByAddress = cache();
  private final Cache<String, Bucket> scansBySubject = cache();
  private final Cache<String, Bucket> callsByHolder = cache();
  private final Cache<String, Bucket> pollsByHolder = cache();

  public LoginLimits(LoginProperties.Limits limits, MeterRegistry meters) {
    this.limits = limits;
    for (Limit limit : Limit.values()) {
      refusals.put(
          limit,
          Counter.builder("heliograph.logins.limited")
              .description("Login requests refused by a limit")
              .tag("limit", limit.name().toLowerCase(Locale.ROOT).replace('_', '-'))
              .register(meters));
    }
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

  private boolean counted(Limit limit, boolean allowed) {
    if (!allowed) {
      refused(limit);
    }
    return allowed;
  }

  /** Counts a refusal that another class decided. */
  void refused(Limit limit) {
    Objects.requireNonNull(refusals.get(limit)).increment();
  }

  /** Counts a new ticket, whether it is the first of a page or a refresh. */
  public boolean mayCreate(String address) {
    return counted(
        Limit.PER_ADDRESS,
        creationsByAddress.get(address, _ -> bucket(limits.perAddress(), MINUTE)).tryConsume(1));
  }

  /**
   * Counts a visit to a provider's login page. Each visit stores a state, so both limits are the
   * same.
   */
  public boolean mayStart(String address) {
    return counted(
        Limit.PER_ADDRESS,
        startsByAddress.get(address, _ -> bucket(limits.perAddress(), MINUTE)).tryConsume(1));
  }

  /** Counts a wrong ticket or secret; false when the address has sent too many. */
  public boolean mayMiss(String address) {
    return counted(
        Limit.MISSES_PER_ADDRESS,
        missesByAddress.get(address, _ -> bucket(limits.missesPerAddress(), MINUTE)).tryConsume(1));
  }

  private boolean mayGuess(String address) {
    Bucket misses = missesByAddress.getIfPresent(address);
    return counted(Limit.MISSES_PER_ADDRESS, misses == null || misses.getAvailableTokens() > 0);
  }

  boolean mayScan(String subject) {
    return counted(
        Limit.SCANS_PER_SUBJECT,
        scansBySubject
            .get(BearerSecrets.hash(subject), _ -> bucket(limits.scansPerSubject(), MINUTE))
            .tryConsume(1));
  }

  /** The decision for a request with a secret of a ticket. */
  public enum Admission {
    YES,
    /** The browser that owns the ticket calls too often. */
    TOO_OFTEN,
    /**
     * The address has sent too many wrong secrets, and this secret has not been verified before.
     */
    TOO_MANY_MISSES
  }

  /** Decides before each call with a secret of a ticket, except polls. */
  public Admission call(String ticket, String secret, String address) {
    return admit(callsByHolder, Limit.CALLS_PER_TICKET, ticket, secret, address);
  }

  /** Decides before each poll, with or without a wait. */
  public Admission poll(String ticket, String secret, String address) {
    return admit(pollsByHolder, Limit.POLLS_PER_TICKET, ticket, secret, address);
  }

  private Admission admit(
      Cache<String, Bucket> byHolder, Limit limit, String ticket, String secret, String address) {
    Bucket known = byHolder.getIfPresent(holder(ticket, secret));
    if (known == null) {
      return mayGuess(address) ? Admission.YES : Admission.TOO_MANY_MISSES;
    }
    return counted(limit, known.tryConsume(1)) ? Admission.YES : Admission.TOO_OFTEN;
  }

  /**
   * Records that the store accepted this secret of the ticket: its calls have their own counter
   * from now on.
   */
  public void proved(String ticket, String secret) {
    String holder = holder(ticket, secret);
    callsByHolder.asMap().computeIfAbsent(holder, _ -> bucket(limits.callsPerTicket(), MINUTE));
    pollsByHolder
        .asMap()
        .computeIfAbsent(
            holder, _ -> bucket(POLLS_AT_ONCE, POLL_INTERVAL.multipliedBy(POLLS_AT_ONCE)));
  }

  private static String holder(String ticket, String secret) {
    return BearerSecrets.hash(ticket + ' ' + secret);
  }

  /** Resets all counters. For tests. */
  void forget() {
    List.of(
            creationsByAddress,
            startsByAddress,
            missesByAddress,
            scansBySubject,
            callsByHolder,
            pollsByHolder)
        .forEach(Cache::invalidateAll);
  }
}

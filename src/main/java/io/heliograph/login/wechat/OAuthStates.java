package io.heliograph.login.wechat;

import io.heliograph.idempotency.Claim;
import io.heliograph.idempotency.IdempotencyStore;
import io.heliograph.idempotency.IdempotencyStoreUnavailableException;
import io.heliograph.idempotency.StoredReply;
import io.heliograph.message.Ids;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Store of the {@code state} values of website logins (RFC 6749, section 10.12). A state can be
 * used once, and only by the browser that was redirected to the provider. Its use is an idempotent
 * execution: the code that came first has its result, also when it comes again.
 */
final class OAuthStates {

  private static final Duration LIFE = Duration.ofMinutes(10);

  /** Longer than a call to WeChat may take. */
  private static final Duration USE_LEASE = Duration.ofSeconds(30);

  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final String USED = "wechat-state-used";

  private final OAuthStateStore store;
  private final IdempotencyStore uses;

  OAuthStates(OAuthStateStore store, IdempotencyStore uses) {
    this.store = store;
    this.uses = uses;
  }

  /**
   * The values that a browser gets before the redirect.
   *
   * @param state part of the URL, to WeChat and back
   * @param returning a SameSite=Lax cookie that browsers send when another site redirects to this
   *     one, unlike the strict one
   */
  record Issued(String state, String returning) {
    @Override
    public String toString() {
      return "Issued";
    }
  }

  Issued issue(String ticket, String cookie) {
    return reached(() -> tryToIssue(ticket, cookie));
  }

  private Issued tryToIssue(String ticket, String cookie) {
    Issued issued = new Issued(Ids.random(32), Ids.random(32));
    store.put(
        hash(issued.state), ticket + '\n' + hash(cookie) + '\n' + hash(issued.returning), LIFE);
    return issued;
  }

  /**
   * The ticket of a state; empty for an unknown state and for another browser, whose attempt leaves
   * the state valid for its owner.
   */
  Optional<String> find(String state, @Nullable String cookie, @Nullable String returning) {
    return reached(() -> tryToFind(state, cookie, returning));
  }

  private static <T> T reached(Supplier<T> call) {
    try {
      return call.get();
    } catch (OAuthStateStoreUnavailableException | IdempotencyStoreUnavailableException e) {
      throw new ProblemException(
              ProblemType.STORE_UNAVAILABLE,
              "The store does not answer and nothing was changed; send the request again.")
          .retryAfter(RETRY);
    }
  }

  private Optional<String> tryToFind(
      String state, @Nullable String cookie, @Nullable String returning) {
    List<String> parts = store.find(hash(state)).stream().flatMap(String::lines).toList();
    if (parts.size() != 3) {
      return Optional.empty();
    }
    boolean mine = cookie == null ? same(parts.get(2), returning) : same(parts.get(1), cookie);
    return mine ? Optional.of(parts.getFirst()) : Optional.empty();
  }

  /**
   * Uses a state for one code. Once the code has a result, the same code gets that result again and
   * other codes get none. A failure leaves the state unchanged.
   */
  Optional<String> use(String state, String code, Supplier<String> result) {
    return reached(() -> tryToUse(state, code, result));
  }

  private Optional<String> tryToUse(String state, String code, Supplier<String> result) {
    return switch (uses.claim(USED, hash(state), hash(code), USE_LEASE)) {
      case Claim.Fresh used -> {
        boolean made = false;
        try {
          String text = result.get();
          uses.complete(
              used, new StoredReply(200, null, text.getBytes(StandardCharsets.UTF_8)), LIFE);
          made = true;
          yield Optional.of(text);
        } finally {
          if (!made) {
            uses.release(used);
          }
        }
      }
      case Claim.Done(StoredReply kept) -> Optional.of(text(kept));
      case Claim.Reused() -> Optional.empty();
      case Claim.InProgress() ->
          throw new ProblemException(
                  ProblemType.IDEMPOTENCY_KEY_IN_PROGRESS, "The first request is in progress.")
              .retryAfter(RETRY);
    };
  }

  private static String text(StoredReply kept) {
    return new String(kept.body(), StandardCharsets.UTF_8);
  }

  private static boolean same(String hash, @Nullable String value) {
    return value != null
        && MessageDigest.isEqual(
            hash.getBytes(StandardCharsets.US_ASCII),
            hash(value).getBytes(StandardCharsets.US_ASCII));
  }

  private static String hash(String text) {
    try {
      return Base64.getUrlEncoder()
          .encodeToString(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}

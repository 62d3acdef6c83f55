package io.heliograph.callback.wechat;

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
 * The {@code state} of a website login (RFC 6749 section 10.12): a value that only the browser that
 * was sent away can bring back, and once. Kept where the claims are, so that any node can take it.
 */
final class OAuthStates {

  private static final Duration LIFE = Duration.ofMinutes(10);
  private static final Duration LOOK = Duration.ofSeconds(5);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final String SCOPE = "wechat-state";
  private static final String USED = "wechat-state-used";

  private final IdempotencyStore store;

  OAuthStates(IdempotencyStore store) {
    this.store = store;
  }

  /**
   * What a browser got.
   *
   * @param state goes to WeChat and back in the address
   * @param returning a cookie that comes back with a visit from elsewhere, which the strict one
   *     does not
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
    if (store.claim(SCOPE, hash(issued.state), "", LOOK) instanceof Claim.Fresh fresh) {
      String kept = ticket + '\n' + hash(cookie) + '\n' + hash(issued.returning);
      store.complete(
          fresh, new StoredReply(200, null, kept.getBytes(StandardCharsets.US_ASCII)), LIFE);
    }
    return issued;
  }

  /**
   * The ticket of a state, which is used up by that; empty when there is none such, or another
   * browser brings it, from whom it is not taken.
   */
  Optional<String> take(String state, @Nullable String cookie, @Nullable String returning) {
    return reached(() -> tryToTake(state, cookie, returning));
  }

  private static <T> T reached(Supplier<T> call) {
    try {
      return call.get();
    } catch (IdempotencyStoreUnavailableException e) {
      throw new ProblemException(ProblemType.STORE_UNAVAILABLE, "Nothing was done; try again.")
          .retryAfter(RETRY);
    }
  }

  private Optional<String> tryToTake(
      String state, @Nullable String cookie, @Nullable String returning) {
    String key = hash(state);
    Claim found = store.claim(SCOPE, key, "", LOOK);
    if (found instanceof Claim.Fresh nothing) {
      store.release(nothing);
    }
    if (!(found instanceof Claim.Done(StoredReply kept))) {
      return Optional.empty();
    }
    List<String> parts = new String(kept.body(), StandardCharsets.US_ASCII).lines().toList();
    boolean mine = cookie == null ? same(parts.get(2), returning) : same(parts.get(1), cookie);
    if (!mine || !(store.claim(USED, key, "", LIFE) instanceof Claim.Fresh used)) {
      return Optional.empty();
    }
    store.complete(used, StoredReply.of(200), LIFE);
    return Optional.of(parts.getFirst());
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

package io.heliograph.client;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import io.heliograph.hub.ConnectionLimits;
import io.heliograph.problem.ProblemType;
import io.heliograph.security.ApiKeys;
import io.heliograph.security.BrowserTokens;
import io.heliograph.security.Verification;
import io.heliograph.session.Identity;
import io.heliograph.web.OriginPolicy.Verdict;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides who may come in: by host and origin, whether this node drains or is full, and the token.
 * Asked for WebSocket handshakes and other transports' first requests, and for the creation of
 * logins. Safe for many threads; may block while an issuer's keys are fetched.
 */
public final class Admission {

  /** The detail for a page whose origin is not allowed, wherever it asks. */
  public static final String FOREIGN_PAGE =
      "Pages of this origin may not call; heliograph.websocket.allowed-origins names those that may"
          + " besides this service's own.";

  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** Networks whose refused tokens are counted; the rarest are forgotten first. */
  private static final int REMEMBERED = 100_000;

  /** Clients that are sent away together must not come back together. */
  private static final int MOST_RETRY_SECONDS = 10;

  private final BrowserTokens tokens;
  private final ApiKeys apiKeys;
  private final boolean anonymous;
  private final ConnectionLimits limits;
  private final BooleanSupplier draining;
  private final int refusedTokensPerAddress;
  private final Cache<String, Bucket> refusedTokensByNetwork =
      Caffeine.newBuilder()
          .maximumSize(REMEMBERED)
          .expireAfterAccess(MINUTE.multipliedBy(2))
          .build();

  /**
   * @param anonymous whether a page may come in without a token
   * @param refusedTokensPerAddress how many refused tokens of one network a minute are answered as
   *     such; more are rate-limited
   */
  Admission(
      BrowserTokens tokens,
      ApiKeys apiKeys,
      boolean anonymous,
      ConnectionLimits limits,
      BooleanSupplier draining,
      int refusedTokensPerAddress) {
    this.tokens = tokens;
    this.apiKeys = apiKeys;
    this.anonymous = anonymous;
    this.limits = limits;
    this.draining = draining;
    this.refusedTokensPerAddress = refusedTokensPerAddress;
  }

  /** What became of asking to come in. */
  public sealed interface Decision {}

  public record Admitted(Identity identity) implements Decision {}

  /**
   * @param detail for the client; holds no secret
   * @param retryAfter null: coming again changes nothing
   */
  public record Refused(ProblemType problem, String detail, @Nullable Duration retryAfter)
      implements Decision {}

  /**
   * Decides about a client that wants a session. Uses up a token that is good for one use, so it is
   * asked once for each session.
   */
  public Decision decide(Caller caller) {
    Refused refused = refusal(caller.origin());
    if (refused != null) {
      return refused;
    }
    if (caller.origin() == Verdict.NO_ORIGIN && caller.token() == null) {
      // No page and no proof: otherwise a page's request without its Origin would be taken.
      return new Refused(
          ProblemType.ORIGIN_NOT_ALLOWED,
          "a request without an Origin has to show a token or an API key",
          null);
    }
    String network = caller.address().network();
    return switch (limits.look(network)) {
      case NODE_FULL -> later(ProblemType.UNAVAILABLE, "this node is full");
      case ADDRESS_FULL -> later(ProblemType.RATE_LIMITED, "too many connections from one address");
      case FREE -> identify(caller.token(), network);
    };
  }

  /**
   * What concerns every newcomer, with or without a session: null when neither host nor origin nor
   * a drain stands against it.
   */
  public @Nullable Refused refusal(Verdict origin) {
    if (origin == Verdict.WRONG_HOST) {
      return new Refused(ProblemType.WRONG_HOST, ProblemType.WRONG_HOST.description(), null);
    }
    if (origin == Verdict.FOREIGN) {
      return new Refused(ProblemType.ORIGIN_NOT_ALLOWED, FOREIGN_PAGE, null);
    }
    return draining.getAsBoolean()
        ? later(ProblemType.UNAVAILABLE, "this node is going away")
        : null;
  }

  private Decision identify(@Nullable String token, String network) {
    if (token == null) {
      return anonymous
          ? new Admitted(Identity.ANONYMOUS)
          : refusedToken("a token is needed", network);
    }
    return switch (tokens.verify(token)) {
      case Verification.Accepted(var accepted) ->
          new Admitted(new Identity(accepted.user(), accepted.channels(), accepted.expiresAt()));
      // Not the token's fault: to the same client it may be good in a moment.
      case Verification.Refused(var why) when why.mayBeGoodLater() ->
          later(ProblemType.UNAVAILABLE, "the token cannot be checked now");
      // A backend's own probe: nobody in particular, but not a stranger.
      case Verification.Refused _ when apiKeys.find(token) != null ->
          new Admitted(Identity.ANONYMOUS);
      case Verification.Refused _ -> refusedToken("the token is refused", network);
    };
  }

  private Refused refusedToken(String detail, String network) {
    Bucket bucket =
        refusedTokensByNetwork.get(
            network,
            _ ->
                Bucket.builder()
                    .addLimit(
                        limit ->
                            limit
                                .capacity(refusedTokensPerAddress)
                                .refillGreedy(refusedTokensPerAddress, MINUTE))
                    .build());
    return bucket.tryConsume(1)
        ? new Refused(ProblemType.UNAUTHENTICATED, detail, null)
        : later(ProblemType.RATE_LIMITED, "too many refused tokens from one address");
  }

  private static Refused later(ProblemType problem, String detail) {
    int seconds = ThreadLocalRandom.current().nextInt(1, MOST_RETRY_SECONDS + 1);
    return new Refused(problem, detail, Duration.ofSeconds(seconds));
  }
}

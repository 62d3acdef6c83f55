package io.heliograph.client;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import io.heliograph.hub.ConnectionLimits;
import io.heliograph.problem.ProblemType;
import io.heliograph.security.ApiKeys;
import io.heliograph.security.BrowserToken;
import io.heliograph.security.BrowserTokens;
import io.heliograph.security.Verification;
import io.heliograph.session.CloseReason;
import io.heliograph.session.Identity;
import io.heliograph.web.OriginPolicy.Verdict;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides which clients may connect: by host and origin, whether this node drains or is full, and
 * the token. Used for WebSocket handshakes and other transports' first requests, and for the
 * creation of logins. Safe for many threads; may block while an issuer's keys are fetched.
 */
public final class Admission {

  /** The detail for a page whose origin is not allowed, wherever it asks. */
  public static final String FOREIGN_PAGE =
      "Pages of this origin may not call this service; heliograph.websocket.allowed-origins lists"
          + " the origins that may, besides its own.";

  private static final String NO_GOOD_TOKEN = "The token was refused; get a new one.";

  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** Networks whose refused tokens are counted; the rarest are forgotten first. */
  private static final int REMEMBERED = 100_000;

  /** Spreads the next attempts of clients that are refused at the same moment. */
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
   * @param anonymous whether a page may connect without a token
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

  /** The result of an admission. */
  public sealed interface Decision {}

  public record Admitted(Identity identity) implements Decision {}

  /**
   * @param detail for the client; holds no secret
   * @param retryAfter null: another attempt changes nothing
   */
  public record Refused(ProblemType problem, String detail, @Nullable Duration retryAfter)
      implements Decision {

    /** What a connection is closed with that was opened before this was known. */
    public CloseReason closeReason() {
      return switch (problem) {
        case UNAUTHENTICATED -> CloseReason.TOKEN;
        case RATE_LIMITED -> CloseReason.TOO_MANY;
        case UNAVAILABLE -> CloseReason.UNAVAILABLE;
        default -> CloseReason.FORBIDDEN;
      };
    }
  }

  /**
   * Decides about a client that wants a session. Uses up a token that is good for one use, so it is
   * asked once for each session.
   */
  public Decision decide(Caller caller) {
    Refused refused = mayOpen(caller);
    return refused != null ? refused : decideOpened(caller);
  }

  /**
   * Checks what can be known before a client says who it is: host, origin, drain and limits.
   *
   * @return null when none of them refuses
   */
  public @Nullable Refused mayOpen(Caller caller) {
    Refused refused = refusal(caller.origin());
    return refused != null ? refused : full(caller.address().network());
  }

  /** As {@link #decide}, for a connection that has a place in the limits already. */
  Decision decideOpened(Caller caller) {
    Refused refused = refusal(caller.origin());
    if (refused != null) {
      return refused;
    }
    if (caller.origin() == Verdict.NO_ORIGIN && caller.token() == null) {
      // No page and no proof: otherwise a page's request without its Origin would be taken.
      return new Refused(
          ProblemType.ORIGIN_NOT_ALLOWED,
          "Missing token: a client without an Origin header needs a browser token or an API key, as"
              + " Authorization: Bearer or where its protocol has a place for it.",
          null);
    }
    return identify(caller.token(), caller.address().network());
  }

  private @Nullable Refused full(String network) {
    return switch (limits.look(network)) {
      case NODE_FULL ->
          later(
              ProblemType.UNAVAILABLE,
              "This node has as many sessions as it may have (heliograph.session.max-per-node).");
      case ADDRESS_FULL ->
          later(
              ProblemType.RATE_LIMITED,
              "This address has as many sessions as it may have"
                  + " (heliograph.session.max-per-address).");
      case FREE -> null;
    };
  }

  /**
   * Checks host, origin and drain, which apply with or without a session; null when none of them
   * refuses.
   */
  public @Nullable Refused refusal(Verdict origin) {
    if (origin == Verdict.WRONG_HOST) {
      return new Refused(ProblemType.WRONG_HOST, ProblemType.WRONG_HOST.description(), null);
    }
    if (origin == Verdict.FOREIGN) {
      return new Refused(ProblemType.ORIGIN_NOT_ALLOWED, FOREIGN_PAGE, null);
    }
    return draining.getAsBoolean()
        ? later(
            ProblemType.UNAVAILABLE, "This node is shutting down; connect again to reach another.")
        : null;
  }

  /**
   * Decides about a token that is kept to be shown with later requests. It opens nothing yet, so it
   * needs no place, and one that is good for one use is refused unused.
   */
  public Decision decideToKeep(Caller caller) {
    Refused refused = refusal(caller.origin());
    if (refused != null) {
      return refused;
    }
    String network = caller.address().network();
    if (caller.token() == null) {
      return refusedToken(
          "Missing token: send Authorization: Bearer with a browser token.", network);
    }
    return switch (tokens.verifyReusable(caller.token())) {
      case Verification.Accepted(var accepted) -> new Admitted(identity(accepted));
      case Verification.Refused(var why) when why.mayBeGoodLater() -> notNow();
      case Verification.Refused(var why) when why == Verification.Reason.ONE_USE ->
          new Refused(
              ProblemType.INVALID_REQUEST, "The token cannot be kept: " + why.text() + ".", null);
      case Verification.Refused _ -> refusedToken(NO_GOOD_TOKEN, network);
    };
  }

  private Decision identify(@Nullable String token, String network) {
    if (token == null) {
      return anonymous
          ? new Admitted(Identity.ANONYMOUS)
          : refusedToken(
              "Missing token: send a browser token as Authorization: Bearer, or where a page cannot"
                  + " set it as WebSocket sub-protocol bearer.<token> or in the cookie.",
              network);
    }
    return switch (tokens.verify(token)) {
      case Verification.Accepted(var accepted) -> new Admitted(identity(accepted));
      // Not the token's fault: to the same client it may be good in a moment.
      case Verification.Refused(var why) when why.mayBeGoodLater() -> notNow();
      // A backend's own probe connects with its API key and gets an anonymous session.
      case Verification.Refused _ when apiKeys.find(token) != null ->
          new Admitted(Identity.ANONYMOUS);
      case Verification.Refused _ -> refusedToken(NO_GOOD_TOKEN, network);
    };
  }

  /** Whom a session speaks for that presents this token. */
  static Identity identity(BrowserToken token) {
    return new Identity(
        token.user(), token.channels(), token.publish(), token.upload(), token.expiresAt());
  }

  private static Refused notNow() {
    return later(
        ProblemType.UNAVAILABLE,
        "The token cannot be checked now, because its issuer's keys are not available.");
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
        : later(
            ProblemType.RATE_LIMITED,
            "This address has sent too many refused tokens within a minute.");
  }

  private static Refused later(ProblemType problem, String detail) {
    int seconds = ThreadLocalRandom.current().nextInt(1, MOST_RETRY_SECONDS + 1);
    return new Refused(problem, detail, Duration.ofSeconds(seconds));
  }
}

package io.heliograph.security;

import java.util.Locale;

/** The result of verifying a token that a client presented. */
public sealed interface Verification {

  record Accepted(BrowserToken token) implements Verification {}

  record Refused(Reason reason) implements Verification {}

  /** A closed set, safe as a metric's tag. No reason quotes the token. */
  enum Reason {
    /** Not a JWT, too long, invalid JSON, or a duplicate field. */
    MALFORMED,
    /** The algorithm is not accepted, or the header tries to choose the key. */
    ALGORITHM,
    /** Not an access token, but for example an ID token. */
    TYPE,
    /** The key id is unknown. */
    UNKNOWN_KEY,
    SIGNATURE,
    /** {@code exp} is missing or not a valid time. */
    NO_EXPIRY,
    EXPIRED,
    NOT_YET_VALID,
    ISSUER,
    AUDIENCE,
    /** A claim such as {@code sub} or {@code channels} has invalid content. */
    CLAIMS,
    /** A one-use token where the client presents its token repeatedly. */
    ONE_USE,
    /** A one-use token that was used before. */
    USED,
    /** It cannot be determined whether the one-use token was used before. */
    USE_UNKNOWN,
    /**
     * The issuer's keys could not be fetched and none are cached, so the token cannot be verified.
     */
    KEYS_UNAVAILABLE;

    public String tag() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Whether the same token may be accepted later, because the cause is not in the token. */
    public boolean mayBeGoodLater() {
      return this == USE_UNKNOWN || this == KEYS_UNAVAILABLE;
    }

    /** The reason in words for the client; reveals nothing that the token does not contain. */
    public String text() {
      return switch (this) {
        case MALFORMED -> "it is not a JWT of at most " + BrowserTokens.MAX_LENGTH + " characters";
        case ALGORITHM -> "its algorithm, or a header that names a key, is not accepted";
        case TYPE -> "its typ is not that of an access token";
        case UNKNOWN_KEY -> "its kid is not a key of the issuer";
        case SIGNATURE -> "its signature is wrong";
        case NO_EXPIRY -> "its exp is missing or is not a date";
        case EXPIRED -> "it has expired";
        case NOT_YET_VALID -> "its nbf is in the future";
        case ISSUER -> "its iss is not the configured issuer";
        case AUDIENCE -> "its aud does not contain the configured audience";
        case CLAIMS ->
            "one of its claims sub, channels, publish, upload, once or jti has an invalid value";
        case ONE_USE ->
            "it is a one-use token, and this client presents its token with each request";
        case USED -> "it is a one-use token and was used before";
        case USE_UNKNOWN -> "it is a one-use token, and the store of used tokens does not answer";
        case KEYS_UNAVAILABLE -> "the issuer's keys cannot be fetched at the moment";
      };
    }
  }
}

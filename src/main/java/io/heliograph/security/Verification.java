package io.heliograph.security;

import java.util.Locale;

/** What became of a token that a browser showed. */
public sealed interface Verification {

  record Accepted(BrowserToken token) implements Verification {}

  record Refused(Reason reason) implements Verification {}

  /** A closed set, safe as a metric's tag. No reason quotes the token. */
  enum Reason {
    /** Not a JWT, too long, not strict JSON, or a field twice. */
    MALFORMED,
    /** The algorithm is not on the list, or the header wants to choose the key. */
    ALGORITHM,
    /** Not a token of this kind: an ID token, say. */
    TYPE,
    /** No key of ours or the issuer's. */
    UNKNOWN_KEY,
    SIGNATURE,
    /** {@code exp} is missing or not a sane number. */
    NO_EXPIRY,
    EXPIRED,
    NOT_YET_VALID,
    ISSUER,
    AUDIENCE,
    /** {@code sub} or {@code channels} say what cannot be. */
    CLAIMS,
    /** A one-use token where one is shown repeatedly. */
    ONE_USE,
    /** A one-use token came again. */
    USED,
    /** Whether a one-use token came before cannot be known now. */
    USE_UNKNOWN,
    /**
     * The issuer's keys could not be fetched and none are known: not the token's fault, but no
     * reason to trust it.
     */
    KEYS_UNAVAILABLE;

    public String tag() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Whether the same token may be believed when it is shown again: not the token's fault. */
    public boolean mayBeGoodLater() {
      return this == USE_UNKNOWN || this == KEYS_UNAVAILABLE;
    }

    /** For who showed the token; says nothing that the token does not hold. */
    public String text() {
      return switch (this) {
        case MALFORMED -> "it is not a JWT of at most " + BrowserTokens.MAX_LENGTH + " characters";
        case ALGORITHM -> "its algorithm, or a header that names a key, is not accepted";
        case TYPE -> "its typ is not that of an access token";
        case UNKNOWN_KEY -> "its kid is no key of this service or of the issuer";
        case SIGNATURE -> "its signature is wrong";
        case NO_EXPIRY -> "its exp is missing or is not a date";
        case EXPIRED -> "it has expired";
        case NOT_YET_VALID -> "its nbf is still to come";
        case ISSUER -> "its iss is not the configured issuer";
        case AUDIENCE -> "its aud does not contain the configured audience";
        case CLAIMS -> "its sub, channels, once or jti is not what a browser token holds";
        case ONE_USE -> "it is good for one use, and here it is shown repeatedly";
        case USED -> "it is good for one use and was used";
        case USE_UNKNOWN -> "whether this one-use token was used cannot be found out now";
        case KEYS_UNAVAILABLE -> "the issuer's keys cannot be fetched now";
      };
    }
  }
}

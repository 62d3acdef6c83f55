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
  }
}

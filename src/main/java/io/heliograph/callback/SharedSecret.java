package io.heliograph.callback;

import io.heliograph.security.WebhookSecret;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A source's key for HMAC-SHA256, and when it ends. */
record SharedSecret(WebhookSecret key, @Nullable Instant notAfter) {

  boolean holds(Instant now) {
    return notAfter == null || now.isBefore(notAfter);
  }

  /** The kind of secret that one of the signatures matches. */
  enum Match {
    NONE,
    CURRENT,
    RETIRING
  }

  /**
   * Compares every secret with every signature, so that the time does not depend on which one
   * matches.
   */
  @SuppressWarnings("ShortCircuitBoolean") // the time must not depend on the result
  static Match match(
      List<SharedSecret> secrets, List<byte[]> signatures, Instant now, byte[]... parts) {
    boolean current = false;
    boolean retiring = false;
    for (SharedSecret secret : secrets) {
      byte[] expected = secret.key.sign(parts);
      for (byte[] signature : signatures) {
        boolean same = MessageDigest.isEqual(expected, signature) & secret.holds(now);
        current |= same & secret.notAfter == null;
        retiring |= same & secret.notAfter != null;
      }
    }
    return current ? Match.CURRENT : retiring ? Match.RETIRING : Match.NONE;
  }

  @Override
  public String toString() {
    return "SharedSecret";
  }
}

package io.heliograph.callback;

import io.heliograph.security.WebhookSecret;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One key of a source for HMAC-SHA256, and when it ends. */
record SharedSecret(WebhookSecret key, @Nullable Instant notAfter) {

  boolean holds(Instant now) {
    return notAfter == null || now.isBefore(notAfter);
  }

  /** Which secret made one of the signatures. */
  enum Match {
    NONE,
    CURRENT,
    RETIRING
  }

  /**
   * Tries every secret with every signature and stops at none, so that the time taken tells
   * nothing.
   */
  @SuppressWarnings("ShortCircuitBoolean") // takes as long whatever is found
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

package io.heliograph.callback;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** One key of a source for HMAC-SHA256, and when it ends. */
record SharedSecret(byte[] key, @Nullable Instant notAfter) {

  private static final String ALGORITHM = "HmacSHA256";

  boolean holds(Instant now) {
    return notAfter == null || now.isBefore(notAfter);
  }

  byte[] sign(byte[]... parts) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      for (byte[] part : parts) {
        mac.update(part);
      }
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
    }
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
      byte[] expected = secret.sign(parts);
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

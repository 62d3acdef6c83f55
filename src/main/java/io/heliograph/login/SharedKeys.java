package io.heliograph.login;

import io.heliograph.message.Ids;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Derives keys that all nodes of one installation share, one for each purpose, so that any node can
 * open or repeat what another one sealed or computed.
 */
public final class SharedKeys {

  private static final String HMAC = "HmacSHA256";

  private final SecretKeySpec secret;

  /**
   * @param own the secret configured for logins; null when there is none
   * @param tokens the secret of browser tokens, which nodes that share a broker must share; null: a
   *     single node may run without one and generates its own
   */
  SharedKeys(@Nullable String own, @Nullable String tokens) {
    String used = own != null ? own : tokens != null ? tokens : Ids.random(32);
    secret = new SecretKeySpec(used.getBytes(StandardCharsets.UTF_8), HMAC);
  }

  /** The key for a purpose, 256 bits. */
  public byte[] of(String purpose) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(secret);
      return mac.doFinal(("heliograph login " + purpose).getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }

  String textOf(String purpose) {
    return Base64.getEncoder().encodeToString(of(purpose));
  }
}

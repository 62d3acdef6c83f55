package io.heliograph.login;

import io.heliograph.message.Ids;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The keys that the nodes of one installation have in common, each made for one purpose, so that
 * what one of them seals or computes the others can open or repeat.
 */
public final class SharedKeys {

  private static final String HMAC = "HmacSHA256";

  private final SecretKeySpec secret;

  /**
   * @param own the secret configured for logins; null: none was
   * @param tokens the secret of browser tokens, which nodes that share a broker have to share;
   *     null: a node that is alone may do without, and draws one
   */
  SharedKeys(@Nullable String own, @Nullable String tokens) {
    String used = own != null ? own : tokens != null ? tokens : Ids.random(32);
    secret = new SecretKeySpec(used.getBytes(StandardCharsets.UTF_8), HMAC);
  }

  /** 256 bits that only these nodes can make. */
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

package io.heliograph.login;

import io.heliograph.message.Ids;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Makes the token that lets one user decide on one ticket. It is an HMAC rather than a random
 * value, so that a repeated scan gets the same answer although only a hash is stored.
 */
final class PhoneTokens {

  private final SecretKeySpec key;

  /**
   * @param secret the same on all nodes; null: a random one is generated
   */
  PhoneTokens(@Nullable String secret) {
    String used = secret == null ? Ids.random(32) : secret;
    this.key = new SecretKeySpec(used.getBytes(StandardCharsets.UTF_8), "HmacSHA256");
  }

  String of(String ticket, String subject) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      // A ticket has a fixed length, so two different pairs never give the same text.
      byte[] token = mac.doFinal((ticket + subject).getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }
}

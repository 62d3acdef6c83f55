package io.heliograph.security;

import io.heliograph.settings.RefusedSettingException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** A shared key that signs webhooks with HMAC-SHA256. */
public record WebhookSecret(byte[] key) {

  private static final String ALGORITHM = "HmacSHA256";
  private static final int MIN_BYTES = 24;
  private static final int MAX_BYTES = 64;
  private static final int MIN_DISTINCT = 8;
  private static final String PREFIX = "whsec_";

  /**
   * Parses a secret in the form of Standard Webhooks: {@code whsec_} and base64.
   *
   * @throws RefusedSettingException which names the setting and not the value
   */
  public static WebhookSecret parse(String setting, @Nullable String text) {
    String value = SecretStrength.requireTrimmed(setting, text);
    byte[] key =
        base64(setting, value.startsWith(PREFIX) ? value.substring(PREFIX.length()) : value);
    if (key.length > MAX_BYTES) {
      throw new RefusedSettingException(
          setting, "is too long; it may have at most " + MAX_BYTES + " bytes");
    }
    return requireStrong(setting, key);
  }

  /**
   * Refuses a key that is short or repeats itself.
   *
   * @throws RefusedSettingException which names the setting and not the value
   */
  public static WebhookSecret requireStrong(String setting, byte[] key) {
    if (key.length < MIN_BYTES) {
      throw new RefusedSettingException(
          setting, "is too short; it needs at least " + MIN_BYTES + " random bytes");
    }
    if (new String(key, StandardCharsets.ISO_8859_1).chars().distinct().count() < MIN_DISTINCT) {
      throw new RefusedSettingException(setting, "repeats itself; set a random value");
    }
    return new WebhookSecret(key);
  }

  /**
   * The bytes of a key in base64.
   *
   * @throws RefusedSettingException which names the setting and not the value
   */
  public static byte[] base64(String setting, String text) {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      // The cause is dropped, because its message quotes the value.
      throw new RefusedSettingException(setting, "is not valid base64");
    }
  }

  public byte[] sign(byte[]... parts) {
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

  @Override
  public String toString() {
    return "WebhookSecret";
  }
}

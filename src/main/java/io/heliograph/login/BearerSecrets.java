package io.heliograph.login;

import io.heliograph.message.Ids;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The bearer secrets of a login: 256 random bits in base64url, stored only as SHA-256 hashes and
 * compared in constant time. The hash of a verifier is its challenge (RFC 7636, S256).
 */
public final class BearerSecrets {

  /** 256 bits in base64url: the form of every login secret and of its hash. */
  public static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]{43}");

  private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

  private BearerSecrets() {}

  public static String make() {
    return Ids.random(32);
  }

  public static String hash(String secret) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
      return BASE64URL.encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Compares in constant time; false when either is missing. */
  public static boolean same(@Nullable String one, @Nullable String other) {
    return one != null
        && other != null
        && MessageDigest.isEqual(
            one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
  }
}

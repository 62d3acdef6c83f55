package io.heliograph.callback;

import io.heliograph.security.SecretStrength;
import io.heliograph.security.WebhookSecret;
import io.heliograph.settings.RefusedSettingException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Reads a source's secrets from its settings and refuses weak ones. */
final class SourceSecrets {

  private static final String KEY_PREFIX = "whpk_";

  /** The fixed prefix of an Ed25519 key's 32 bytes in its X.509 form (RFC 8410 section 4). */
  private static final byte[] ED25519 = HexFormat.of().parseHex("302a300506032b6570032100");

  private SourceSecrets() {}

  static SignatureVerifier verifier(String setting, CallbackProperties.Source source) {
    List<SharedSecret> shared = new ArrayList<>();
    List<StandardWebhooks.VerificationKey> keys = new ArrayList<>();
    for (int i = 0; i < source.secrets().size(); i++) {
      CallbackProperties.Secret secret = source.secrets().get(i);
      String name = setting + ".secrets[" + i + "].value";
      String value = SecretStrength.requireTrimmed(name, secret.value());
      boolean standard = source.scheme() == CallbackProperties.Scheme.STANDARD_WEBHOOKS;
      if (standard && value.startsWith(KEY_PREFIX)) {
        keys.add(
            new StandardWebhooks.VerificationKey(
                publicKey(name, WebhookSecret.base64(name, value.substring(KEY_PREFIX.length()))),
                secret.notAfter()));
      } else {
        WebhookSecret key =
            standard
                ? WebhookSecret.parse(name, value)
                : WebhookSecret.requireStrong(name, value.getBytes(StandardCharsets.UTF_8));
        shared.add(new SharedSecret(key, secret.notAfter()));
      }
    }
    if (shared.isEmpty() && keys.isEmpty()) {
      throw new RefusedSettingException(
          setting + ".secrets",
          "is empty; a source needs at least one secret to verify its callbacks");
    }
    return switch (source.scheme()) {
      case STANDARD_WEBHOOKS -> new StandardWebhooks(shared, keys, source.tolerance());
      case GITHUB -> new GitHubWebhooks(shared);
      case STRIPE -> new StripeWebhooks(shared, source.tolerance());
    };
  }

  private static PublicKey publicKey(String name, byte[] raw) {
    if (raw.length != 32) {
      throw new RefusedSettingException(
          name, "is not an Ed25519 public key: it has " + raw.length + " bytes instead of 32");
    }
    byte[] encoded = new byte[ED25519.length + raw.length];
    System.arraycopy(ED25519, 0, encoded, 0, ED25519.length);
    System.arraycopy(raw, 0, encoded, ED25519.length, raw.length);
    try {
      return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
    } catch (GeneralSecurityException e) {
      throw new RefusedSettingException(name, "is not an Ed25519 public key");
    }
  }
}

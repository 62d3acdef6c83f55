package io.heliograph.callback;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/**
 * The default scheme, Standard Webhooks 1.0: {@code v1} is an HMAC with a shared secret, {@code
 * v1a} an Ed25519 signature, both over {@code id.timestamp.body}. One valid signature is enough, so
 * that a sender can rotate secrets.
 */
final class StandardWebhooks implements SignatureVerifier {

  /** Without a full stop, which separates the signed parts. */
  private static final Pattern ID = Pattern.compile("[\\x21-\\x2d\\x2f-\\x7e]{1,128}");

  /**
   * Enough for a rotation of secrets; bounds the work per request. A header with more is refused.
   */
  private static final int MAX_SIGNATURES = 16;

  private final List<SharedSecret> secrets;
  private final List<VerificationKey> keys;
  private final Duration tolerance;

  /** A sender's public key, and when it ends. */
  record VerificationKey(PublicKey key, @Nullable Instant notAfter) {}

  StandardWebhooks(List<SharedSecret> secrets, List<VerificationKey> keys, Duration tolerance) {
    this.secrets = secrets;
    this.keys = keys;
    this.tolerance = tolerance;
  }

  @Override
  public SignatureResult verify(HttpHeaders headers, byte[] body, Instant now) {
    String signatures = SignatureHeaders.single(headers, "webhook-signature");
    if (signatures == null) {
      return new SignatureResult.Forged();
    }
    String id = SignatureHeaders.single(headers, "webhook-id");
    if (id == null || !ID.matcher(id).matches()) {
      return new SignatureResult.Malformed(
          "webhook-id", "has to be 1 to 128 visible characters without a full stop");
    }
    String timestamp = SignatureHeaders.single(headers, "webhook-timestamp");
    if (timestamp == null || !SignatureHeaders.isSeconds(timestamp)) {
      return new SignatureResult.Malformed(
          "webhook-timestamp", "has to be a number of seconds since 1970");
    }
    if (!SignatureHeaders.within(tolerance, timestamp, now)) {
      return new SignatureResult.Forged();
    }
    String[] entries = signatures.split(" ", MAX_SIGNATURES + 1);
    if (entries.length > MAX_SIGNATURES) {
      return new SignatureResult.Malformed(
          "webhook-signature", "has more than " + MAX_SIGNATURES + " signatures");
    }
    byte[] prefix = (id + '.' + timestamp + '.').getBytes(StandardCharsets.US_ASCII);
    SharedSecret.Match match =
        SharedSecret.match(secrets, decoded(entries, "v1"), now, prefix, body);
    if (match == SharedSecret.Match.NONE && !keys.isEmpty()) {
      match = verifyWithKeys(decoded(entries, "v1a"), prefix, body, now);
    }
    return switch (match) {
      case NONE -> new SignatureResult.Forged();
      case CURRENT -> new SignatureResult.Authentic(id, true, false);
      case RETIRING -> new SignatureResult.Authentic(id, true, true);
    };
  }

  /** The signatures of one version; other versions are ignored. */
  private static List<byte[]> decoded(String[] entries, String version) {
    List<byte[]> signatures = new ArrayList<>();
    for (String entry : entries) {
      int comma = entry.indexOf(',');
      if (comma > 0 && entry.substring(0, comma).equals(version)) {
        try {
          signatures.add(Base64.getDecoder().decode(entry.substring(comma + 1)));
        } catch (IllegalArgumentException e) {
          // Not base64, so not a signature; another entry may be valid.
        }
      }
    }
    return signatures;
  }

  private SharedSecret.Match verifyWithKeys(
      List<byte[]> signatures, byte[] prefix, byte[] body, Instant now) {
    SharedSecret.Match match = SharedSecret.Match.NONE;
    for (VerificationKey key : keys) {
      Instant end = key.notAfter;
      for (byte[] signature : signatures) {
        if ((end == null || now.isBefore(end)) && holds(key.key, signature, prefix, body)) {
          if (end == null) {
            return SharedSecret.Match.CURRENT;
          }
          match = SharedSecret.Match.RETIRING;
        }
      }
    }
    return match;
  }

  private static boolean holds(PublicKey key, byte[] signature, byte[] prefix, byte[] body) {
    try {
      Signature ed25519 = Signature.getInstance("Ed25519");
      ed25519.initVerify(key);
      ed25519.update(prefix);
      ed25519.update(body);
      return ed25519.verify(signature);
    } catch (GeneralSecurityException e) {
      return false; // Among others: a signature of the wrong length.
    }
  }
}

package io.heliograph.callback;

import io.heliograph.security.WebhookSecret;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import org.springframework.http.HttpHeaders;

/** The published vectors of the schemes, and signatures for tests. */
final class SignatureVectors {

  static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  static final String OTHER_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
  static final String GITHUB_SECRET = "It's a Secret to Everybody";
  static final Instant SENT = Instant.ofEpochSecond(1614265330);

  private SignatureVectors() {}

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] key(String secret) {
    return Base64.getDecoder().decode(secret.replace("whsec_", ""));
  }

  static String standard(String secret, String id, Instant time, byte[] body) {
    byte[] mac =
        new WebhookSecret(key(secret)).sign(bytes(id + '.' + time.getEpochSecond() + '.'), body);
    return "v1," + Base64.getEncoder().encodeToString(mac);
  }

  static HttpHeaders standardHeaders(String id, String timestamp, String signature) {
    HttpHeaders headers = new HttpHeaders();
    headers.set("webhook-id", id);
    headers.set("webhook-timestamp", timestamp);
    headers.set("webhook-signature", signature);
    return headers;
  }

  static String hex(String secret, byte[]... parts) {
    return HexFormat.of().formatHex(new WebhookSecret(bytes(secret)).sign(parts));
  }
}

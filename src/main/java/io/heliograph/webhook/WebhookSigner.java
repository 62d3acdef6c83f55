package io.heliograph.webhook;

import io.heliograph.security.WebhookSecret;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Signs as Standard Webhooks 1.0 requires: over {@code id.timestamp.content}, once with each
 * secret, so that receivers can change from one secret to the next.
 */
public final class WebhookSigner {

  private final List<WebhookSecret> secrets;

  public WebhookSigner(List<WebhookSecret> secrets) {
    this.secrets = List.copyOf(secrets);
  }

  /**
   * The headers with which the receiver verifies the content.
   *
   * @param id must be the same when the same content is sent again
   * @param now by the wall clock
   */
  public Map<String, String> sign(String id, Instant now, byte[] content) {
    String timestamp = Long.toString(now.getEpochSecond());
    byte[] prefix = (id + '.' + timestamp + '.').getBytes(StandardCharsets.US_ASCII);
    StringBuilder signatures = new StringBuilder();
    for (WebhookSecret secret : secrets) {
      signatures
          .append(signatures.isEmpty() ? "v1," : " v1,")
          .append(Base64.getEncoder().encodeToString(secret.sign(prefix, content)));
    }
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("webhook-id", id);
    headers.put("webhook-timestamp", timestamp);
    headers.put("webhook-signature", signatures.toString());
    return headers;
  }
}

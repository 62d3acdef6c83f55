package io.heliograph.callback;

import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import org.springframework.http.HttpHeaders;

/**
 * GitHub's scheme: an HMAC over the body. It covers neither the id nor a time, so a replay is
 * detected only by its id, or by a timestamp in the body if there is one. The older SHA-1 header is
 * ignored.
 */
final class GitHubWebhooks implements SignatureVerifier {

  private static final Pattern SIGNATURE = Pattern.compile("sha256=([0-9a-f]{64})");
  private static final Pattern DELIVERY = Pattern.compile("[\\x21-\\x7e]{1,128}");

  private final List<SharedSecret> secrets;

  GitHubWebhooks(List<SharedSecret> secrets) {
    this.secrets = secrets;
  }

  @Override
  public SignatureResult verify(HttpHeaders headers, byte[] body, Instant now) {
    String header = SignatureHeaders.single(headers, "X-Hub-Signature-256");
    if (header == null) {
      return new SignatureResult.Forged();
    }
    var signature = SIGNATURE.matcher(header);
    if (!signature.matches()) {
      return new SignatureResult.Malformed(
          "X-Hub-Signature-256", "has to be sha256= and 64 hexadecimal digits");
    }
    String delivery = SignatureHeaders.single(headers, "X-GitHub-Delivery");
    if (delivery == null || !DELIVERY.matcher(delivery).matches()) {
      return new SignatureResult.Malformed(
          "X-GitHub-Delivery", "has to be 1 to 128 visible characters");
    }
    List<byte[]> signatures = List.of(HexFormat.of().parseHex(signature.group(1)));
    return switch (SharedSecret.match(secrets, signatures, now, body)) {
      case NONE -> new SignatureResult.Forged();
      case CURRENT -> new SignatureResult.Authentic(delivery, false, false);
      case RETIRING -> new SignatureResult.Authentic(delivery, false, true);
    };
  }
}

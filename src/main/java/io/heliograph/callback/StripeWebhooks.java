package io.heliograph.callback;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/** Stripe's scheme: time and signatures in one header, the event's id in the body. */
final class StripeWebhooks implements SignatureVerifier {

  private static final String HEADER = "Stripe-Signature";
  private static final Pattern SIGNATURE = Pattern.compile("[0-9a-f]{64}");
  private static final int MAX_ENTRIES = 16;

  private final List<SharedSecret> secrets;
  private final Duration tolerance;

  StripeWebhooks(List<SharedSecret> secrets, Duration tolerance) {
    this.secrets = secrets;
    this.tolerance = tolerance;
  }

  @Override
  public SignatureResult verify(HttpHeaders headers, byte[] body, Instant now) {
    String header = SignatureHeaders.single(headers, HEADER);
    if (header == null) {
      return new SignatureResult.Forged();
    }
    @Nullable String timestamp = null;
    List<byte[]> signatures = new ArrayList<>();
    String[] entries = header.split(",", MAX_ENTRIES + 1);
    if (entries.length > MAX_ENTRIES) {
      return new SignatureResult.Malformed(HEADER, "has more than " + MAX_ENTRIES + " entries");
    }
    for (String each : entries) {
      String entry = each.trim();
      if (entry.startsWith("t=")) {
        if (timestamp != null) {
          return new SignatureResult.Malformed(HEADER, "has t twice");
        }
        timestamp = entry.substring(2);
      } else if (entry.startsWith("v1=") && SIGNATURE.matcher(entry.substring(3)).matches()) {
        signatures.add(HexFormat.of().parseHex(entry.substring(3)));
      }
    }
    if (timestamp == null || !SignatureHeaders.isSeconds(timestamp)) {
      return new SignatureResult.Malformed(
          HEADER, "has to contain t= and a number of seconds since 1970");
    }
    if (!SignatureHeaders.within(tolerance, timestamp, now)) {
      return new SignatureResult.Forged();
    }
    byte[] prefix = (timestamp + '.').getBytes(StandardCharsets.US_ASCII);
    return switch (SharedSecret.match(secrets, signatures, now, prefix, body)) {
      case NONE -> new SignatureResult.Forged();
      case CURRENT -> new SignatureResult.Authentic(null, true, false);
      case RETIRING -> new SignatureResult.Authentic(null, true, true);
    };
  }
}

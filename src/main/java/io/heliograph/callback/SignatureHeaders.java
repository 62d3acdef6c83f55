package io.heliograph.callback;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/** Reads the headers of all signature schemes. */
final class SignatureHeaders {

  /** Up to the year 33658, without overflow of a long. */
  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,12}");

  private SignatureHeaders() {}

  /**
   * The header's only value; null if it is absent, blank or repeated, because then it is not clear
   * which value was signed.
   */
  static @Nullable String single(HttpHeaders headers, String name) {
    @Nullable List<String> values = headers.get(name);
    return values != null && values.size() == 1 && !values.getFirst().isBlank()
        ? values.getFirst()
        : null;
  }

  static boolean isSeconds(String text) {
    return SECONDS.matcher(text).matches();
  }

  /** Whether the time differs from now by at most the tolerance. */
  static boolean within(Duration tolerance, String seconds, Instant now) {
    long distance = Math.abs(now.getEpochSecond() - Long.parseLong(seconds));
    return distance <= tolerance.toSeconds();
  }
}

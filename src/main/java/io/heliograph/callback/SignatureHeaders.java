package io.heliograph.callback;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/** How the schemes read their headers: each once, and times within a window. */
final class SignatureHeaders {

  /** Up to the year 33658, and far from what a long cannot hold. */
  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,12}");

  private SignatureHeaders() {}

  /** A header that came several times, or empty, is as good as none: which one was signed? */
  static @Nullable String single(HttpHeaders headers, String name) {
    @Nullable List<String> values = headers.get(name);
    return values != null && values.size() == 1 && !values.getFirst().isBlank()
        ? values.getFirst()
        : null;
  }

  static boolean isSeconds(String text) {
    return SECONDS.matcher(text).matches();
  }

  /** Exactly the tolerance away is still within. */
  static boolean within(Duration tolerance, String seconds, Instant now) {
    long distance = Math.abs(now.getEpochSecond() - Long.parseLong(seconds));
    return distance <= tolerance.toSeconds();
  }
}

package io.heliograph.publish;

import java.time.DateTimeException;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Parses durations in requests: a whole number, also as text, is seconds; text may have a unit
 * ({@code 500ms}, {@code 30s}, {@code 10m}, {@code 2h}, {@code 1d}) or be ISO-8601 ({@code PT10M}).
 */
public final class Durations {

  /** The syntax as it is described in problems. */
  public static final String SYNTAX =
      "a number of seconds, or text such as 500ms, 10m, 2h or PT10M";

  private static final Pattern SIMPLE =
      Pattern.compile("([0-9]{1,18})(ms|s|m|h|d)?", Pattern.CASE_INSENSITIVE);

  private Durations() {}

  /** Null when the text is not a duration. A value that overflows becomes the longest duration. */
  public static @Nullable Duration parse(String text) {
    Matcher simple = SIMPLE.matcher(text);
    try {
      if (!simple.matches()) {
        return Duration.parse(text);
      }
      long number = Long.parseLong(simple.group(1));
      String unit = simple.group(2);
      return switch (unit == null ? "s" : unit.toLowerCase(Locale.ROOT)) {
        case "ms" -> Duration.ofMillis(number);
        case "m" -> Duration.ofMinutes(number);
        case "h" -> Duration.ofHours(number);
        case "d" -> Duration.ofDays(number);
        default -> Duration.ofSeconds(number);
      };
    } catch (ArithmeticException e) {
      return Duration.ofSeconds(Long.MAX_VALUE);
    } catch (DateTimeException e) {
      return null;
    }
  }
}

package io.heliograph.security;

import io.heliograph.settings.RefusedSettingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Refuses secrets that were probably not generated randomly. */
public final class SecretStrength {

  /** 32 characters are 128 bits in hexadecimal, 192 in base64. */
  public static final int MIN_LENGTH = 32;

  private static final int MIN_DISTINCT = 10;

  /** A text that repeats with a period up to this is as weak as one period. */
  private static final int MAX_PERIOD = 8;

  /** Words of example configurations, compared ignoring case and punctuation. */
  private static final List<String> PLACEHOLDERS =
      List.of(
          "changeme",
          "changeit",
          "changethis",
          "replaceme",
          "replacethis",
          "placeholder",
          "password",
          "yourapikey",
          "yoursecret",
          "yourkey",
          "insertyour",
          "defaultkey",
          "defaultsecret",
          "examplekey",
          "examplesecret",
          "supersecret",
          "topsecret",
          "notasecret",
          "qwertyuiop");

  private SecretStrength() {}

  /**
   * Refuses a secret that is blank, short, repetitive or looks like an example.
   *
   * @throws RefusedSettingException which names the setting and not the value
   */
  public static String requireStrong(String setting, @Nullable String value) {
    if (value == null || value.isBlank()) {
      throw new RefusedSettingException(setting, "is blank");
    }
    if (value.getBytes(StandardCharsets.UTF_8).length < MIN_LENGTH) {
      throw new RefusedSettingException(
          setting, "is too short; it needs at least " + MIN_LENGTH + " random characters");
    }
    if (!value.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new RefusedSettingException(
          setting, "has blanks or non-ASCII characters, which an HTTP header cannot contain");
    }
    String letters = value.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    if (PLACEHOLDERS.stream().anyMatch(letters::contains)) {
      throw new RefusedSettingException(
          setting, "looks like an example or a default; set a random value");
    }
    if (value.startsWith("${") || value.startsWith("<") || repeats(value)) {
      throw new RefusedSettingException(
          setting, "looks like a placeholder or repeats itself; set a random value");
    }
    return value;
  }

  /**
   * Refuses a secret that starts or ends with a blank or a line break, as when it was read from a
   * file with a final line break: the other side uses it without.
   *
   * @throws RefusedSettingException which names the setting and not the value
   */
  public static String requireTrimmed(String setting, @Nullable String value) {
    if (value == null || value.isBlank()) {
      throw new RefusedSettingException(setting, "is blank");
    }
    if (isSpace(value.charAt(0)) || isSpace(value.charAt(value.length() - 1))) {
      throw new RefusedSettingException(
          setting,
          "starts or ends with a blank, a line break or another invisible character; remove it");
    }
    return value;
  }

  private static boolean isSpace(char c) {
    return Character.isWhitespace(c)
        || Character.isSpaceChar(c)
        || Character.isISOControl(c)
        || Character.getType(c) == Character.FORMAT;
  }

  private static boolean repeats(String value) {
    if (value.chars().distinct().count() < MIN_DISTINCT) {
      return true;
    }
    for (int period = 1; period <= MAX_PERIOD; period++) {
      if (value.substring(period).equals(value.substring(0, value.length() - period))) {
        return true;
      }
    }
    return false;
  }
}

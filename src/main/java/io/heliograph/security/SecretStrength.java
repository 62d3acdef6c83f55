package io.heliograph.security;

import io.heliograph.settings.RefusedSettingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Tells a secret that was made by a generator from one that was made up. */
public final class SecretStrength {

  /** 32 characters are 128 bits in hexadecimal, 192 in base64. */
  public static final int MIN_LENGTH = 32;

  private static final int MIN_DISTINCT = 10;

  /** A text that repeats after so few characters is as weak as one period of it. */
  private static final int MAX_PERIOD = 8;

  /** Marks of example configurations, compared without case and punctuation. */
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
   * Refuses what is blank, short, repetitive or looks like an example.
   *
   * @throws RefusedSettingException which names the setting and not the value
   */
  public static String requireStrong(String setting, @Nullable String value) {
    if (value == null || value.isBlank()) {
      throw new RefusedSettingException(setting, "is blank");
    }
    if (value.getBytes(StandardCharsets.UTF_8).length < MIN_LENGTH) {
      throw new RefusedSettingException(
          setting, "is too short: at least " + MIN_LENGTH + " random characters are needed");
    }
    if (!value.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new RefusedSettingException(
          setting, "has blanks or characters other than ASCII, which a header cannot carry");
    }
    String letters = value.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    if (PLACEHOLDERS.stream().anyMatch(letters::contains)) {
      throw new RefusedSettingException(setting, "looks like an example or a default");
    }
    if (value.startsWith("${") || value.startsWith("<") || repeats(value)) {
      throw new RefusedSettingException(setting, "looks like a placeholder or repeats itself");
    }
    return value;
  }

  /**
   * Refuses a secret that begins or ends with a blank or a line break, as a file of one line does:
   * callers would send it without.
   *
   * @throws RefusedSettingException which names the setting and not the value
   */
  public static String requireTrimmed(String setting, @Nullable String value) {
    if (value == null || value.isBlank()) {
      throw new RefusedSettingException(setting, "is blank");
    }
    if (isSpace(value.charAt(0)) || isSpace(value.charAt(value.length() - 1))) {
      throw new RefusedSettingException(
          setting, "begins or ends with a blank, a line break or another invisible character");
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

package io.heliograph.upstream;

import io.heliograph.settings.RefusedSettingException;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The methods that clients may call, each an exact name or a prefix with {@code *} at the end. */
final class AllowedMethods {

  /** The method of requests that check a client's publish; clients cannot call it. */
  static final String PUBLISH = "publish";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._:-]{1,64}");
  private static final Pattern ENTRY = Pattern.compile("[A-Za-z0-9._:-]{1,64}\\*?|\\*");

  private final List<String> entries;

  AllowedMethods(String setting, List<String> entries) {
    for (String entry : entries) {
      if (!ENTRY.matcher(entry).matches()) {
        throw new RefusedSettingException(
            setting,
            "has a wrong entry; expected are 1 to 64 characters of A-Z a-z 0-9 . _ : -, with or"
                + " without a * at the end");
      }
    }
    this.entries = List.copyOf(entries);
  }

  /** The entry that allows the method; null when none does. */
  @Nullable String entryOf(String method) {
    if (!NAME.matcher(method).matches() || method.equals(PUBLISH)) {
      return null;
    }
    for (String entry : entries) {
      if (entry.endsWith("*")
          ? method.startsWith(entry.substring(0, entry.length() - 1))
          : method.equals(entry)) {
        return entry;
      }
    }
    return null;
  }
}

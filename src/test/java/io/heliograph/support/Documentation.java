package io.heliograph.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** The fenced code blocks of a Markdown page, so that tests run what readers copy. */
public final class Documentation {

  private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w+)\\n(.*?)^```");

  private Documentation() {}

  /** In the order of the page. */
  public static List<String> blocks(Path page, String language) {
    return BLOCK
        .matcher(text(page))
        .results()
        .filter(block -> block.group(1).equals(language))
        .map(block -> block.group(2))
        .toList();
  }

  /** The only block of this language that contains the text. */
  public static String block(Path page, String language, String text) {
    List<String> found =
        blocks(page, language).stream().filter(block -> block.contains(text)).toList();
    if (found.size() != 1) {
      throw new IllegalStateException(
          page + " has " + found.size() + " blocks of " + language + " with " + text);
    }
    return found.getFirst();
  }

  public static String text(Path page) {
    try {
      return Files.readString(page);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

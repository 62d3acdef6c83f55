import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Checks or applies the formatting of every Java file below a folder. Run as a source file on JDK
 * 25, because a formatter inside Maven's own process would need Maven to run on 25 as well.
 */
class Format {

  private static final String FIX = "./mvnw -q -Pformat initialize";

  public static void main(String[] args) throws IOException {
    boolean apply =
        switch (args[0]) {
          case "apply" -> true;
          case "check" -> false;
          default -> throw new IllegalArgumentException("apply or check, not " + args[0]);
        };
    List<Path> files;
    try (var paths = Files.walk(Path.of(args[1]))) {
      files = paths.filter(path -> path.toString().endsWith(".java")).sorted().toList();
    }
    List<String> complaints =
        files.parallelStream().map(file -> format(file, apply)).flatMap(Optional::stream).toList();
    complaints.forEach(System.err::println);
    if (!complaints.isEmpty()) {
      System.err.println("Not formatted. To fix it: " + FIX);
      System.exit(1);
    }
  }

  /** Returns what is wrong with the file; empty if it is formatted or was corrected. */
  private static Optional<String> format(Path file, boolean apply) {
    try {
      var before = Files.readString(file);
      var after = new Formatter().formatSourceAndFixImports(before);
      if (before.equals(after)) {
        return Optional.empty();
      }
      if (!apply) {
        return Optional.of(file.toString());
      }
      Files.writeString(file, after, UTF_8);
      System.out.println(file);
      return Optional.empty();
    } catch (FormatterException e) {
      return Optional.of(file + ": " + e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

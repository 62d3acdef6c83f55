package io.heliograph.support;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Programs and npm packages that some tests need. A test that needs what is not installed is
 * skipped and says what to install.
 */
public final class Programs {

  private static final Path NPM_PACKAGES = Path.of("target", "npm").toAbsolutePath();

  private static final long NPM_TIMEOUT_SECONDS = 120;

  private Programs() {}

  public static boolean installed(String program) {
    return Stream.concat(Stream.of(System.getenv("PATH").split(":")), Stream.of("/usr/sbin"))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  /** Skips the test when the program is not installed. */
  public static void need(String program, String purpose) {
    assumeThat(installed(program)).as("install " + program + " " + purpose).isTrue();
  }

  /**
   * A folder whose {@code node_modules} has these packages, each as {@code name@version}. Installed
   * once for a build; a test without npm, or whose registry cannot be reached, is skipped.
   */
  public static Path npm(String... packages) {
    need("node", "to run existing clients");
    need("npm", "to fetch existing clients");
    Path folder = NPM_PACKAGES.resolve(String.join("+", packages).replaceAll("[^\\w.+@-]", "_"));
    try {
      Files.createDirectories(folder);
      // Several test processes of one build may ask at the same time.
      try (FileChannel channel =
              FileChannel.open(
                  folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          var _ = channel.lock()) {
        if (!Files.exists(folder.resolve("complete")) && install(folder, packages)) {
          Files.createFile(folder.resolve("complete"));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assumeThat(folder.resolve("complete"))
        .as("npm could not install %s; see npm.log there", String.join(" ", packages))
        .exists();
    return folder;
  }

  private static boolean install(Path folder, String... packages) throws IOException {
    List<String> command =
        Stream.concat(
                Stream.of(
                    "npm",
                    "install",
                    "--no-audit",
                    "--no-fund",
                    "--ignore-scripts",
                    "--prefix",
                    folder.toString()),
                Stream.of(packages))
            .toList();
    Files.writeString(folder.resolve("package.json"), "{}", StandardCharsets.UTF_8);
    Process npm =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("npm.log").toFile())
            .start();
    try {
      if (npm.waitFor(NPM_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        return npm.exitValue() == 0;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    npm.destroyForcibly();
    return false;
  }
}

package io.heliograph.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Builds the browser client as Maven does, because not everything that runs tests runs Maven. */
final class ClientBuild {

  private static @Nullable Path built;

  private ClientBuild() {}

  /** The folder with {@code static} and {@code browser-client/npm}, built once for all tests. */
  static synchronized Path once() throws Exception {
    Path done = built;
    if (done == null) {
      done = Path.of("target/client-build");
      run(done, Map.of());
      built = done;
    }
    return done;
  }

  /** Answers what the build printed. */
  static String run(Path target, Map<String, String> environment) throws Exception {
    return execute(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "src/build/java/BrowserClient.java",
            "src/main/js",
            target.resolve("static").toString(),
            target.resolve("browser-client").toString()),
        environment);
  }

  /** Runs a command that must end well, and answers what it printed. */
  static String execute(List<String> command, Map<String, String> environment) throws Exception {
    // To a file, not a pipe: a pipe would not be read while the time limit runs.
    Path output =
        Files.createTempFile(Files.createDirectories(Path.of("target")), "client", ".txt");
    var builder =
        new ProcessBuilder(command)
            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    var process = builder.start();
    try {
      assertThat(process.waitFor(10, TimeUnit.MINUTES)).as("ended within ten minutes").isTrue();
      assertThat(process.exitValue()).as(Files.readString(output)).isZero();
      return Files.readString(output);
    } finally {
      process.destroyForcibly();
      Files.delete(output);
    }
  }

  /** The path of a program; the test is skipped, saying what to do, where there is none. */
  static String executable(String name, String otherwise) {
    var found =
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .map(folder -> Path.of(folder, name))
            .filter(Files::isExecutable)
            .findFirst();
    assumeTrue(found.isPresent(), otherwise);
    return found.orElseThrow().toString();
  }
}

package io.heliograph.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Runs the browser client's own tests, {@code src/test/js}, with Node, and checks its types. */
class ClientModuleTests {

  private static final Path TESTS = Path.of("src/test/js");

  @Test
  void theClientModulesPassTheirOwnTests() throws Exception {
    runNodeTests("modules", Map.of());
  }

  /** Joined here as the build joins it, because not everything that runs tests runs the build. */
  @Test
  void theOneFileThatIsServedPassesThemToo() throws Exception {
    Path bundle = Files.createDirectories(Path.of("target/bundle")).resolve("heliograph.js");
    run(
        "join",
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "src/build/java/Bundle.java",
            "src/main/resources/static/heliograph.js",
            bundle.toString()),
        Map.of());

    assertThat(Files.readString(bundle)).doesNotContainPattern("(?m)^import ");
    runNodeTests("bundle", Map.of("HELIOGRAPH_JS", bundle.toUri().toString()));
  }

  @Test
  void theTypesFitStrictUse() throws Exception {
    run(
        "types",
        List.of(
            executable(
                "tsc", "to check the client's types install TypeScript: npm install -g typescript"),
            "--noEmit",
            "--strict",
            "--exactOptionalPropertyTypes",
            "--target",
            "es2022",
            "--module",
            "esnext",
            "--moduleResolution",
            "bundler",
            "--lib",
            "es2022,dom,dom.iterable",
            TESTS.resolve("types.ts").toString()),
        Map.of());
  }

  private static void runNodeTests(String name, Map<String, String> environment) throws Exception {
    var command =
        new ArrayList<>(
            List.of(
                executable("node", "to run the client's own tests install Node.js 20 or newer"),
                "--test"));
    filesBelow(TESTS, ".test.mjs").forEach(test -> command.add(test.toString()));
    run(name, command, environment);
  }

  private static void run(String name, List<String> command, Map<String, String> environment)
      throws Exception {
    // To a file, not a pipe: nobody would read a pipe while the time limit is being waited for.
    var output =
        Files.createDirectories(Path.of("target")).resolve("client-module-" + name + ".txt");
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
    } finally {
      process.destroyForcibly();
    }
  }

  private static String executable(String name, String otherwise) {
    var found =
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .map(folder -> Path.of(folder, name))
            .filter(Files::isExecutable)
            .findFirst();
    assumeTrue(found.isPresent(), otherwise);
    return found.orElseThrow().toString();
  }

  private static List<Path> filesBelow(Path folder, String... endings) throws IOException {
    try (var paths = Files.walk(folder)) {
      return paths
          .filter(path -> Stream.of(endings).anyMatch(path.toString()::endsWith))
          .sorted()
          .toList();
    }
  }
}

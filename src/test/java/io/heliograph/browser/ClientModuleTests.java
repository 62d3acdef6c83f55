package io.heliograph.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Runs the browser client's own tests, {@code src/test/js}, with Node. */
class ClientModuleTests {

  private static final Path TESTS = Path.of("src/test/js");
  private static final Path SERVED = Path.of("src/main/resources");

  @Test
  void theClientModulesPassTheirOwnTests() throws Exception {
    var tests = filesBelow(TESTS, ".test.js", ".test.mjs");
    if (tests.isEmpty()) {
      assertThat(filesBelow(SERVED, ".js")).as("modules without a test in " + TESTS).isEmpty();
      abort("there is no client module yet");
    }
    var command = new ArrayList<>(List.of(node(), "--test"));
    tests.forEach(test -> command.add(test.toString()));

    // To a file, not a pipe: nobody would read a pipe while the time limit is being waited for.
    var output = Files.createDirectories(Path.of("target")).resolve("client-module-tests.txt");
    var process =
        new ProcessBuilder(command)
            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("ended within two minutes").isTrue();
      assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  private static String node() {
    var node =
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .map(folder -> Path.of(folder, "node"))
            .filter(Files::isExecutable)
            .findFirst();
    assumeTrue(node.isPresent(), "to run the client's own tests install Node.js 20 or newer");
    return node.orElseThrow().toString();
  }

  private static List<Path> filesBelow(Path folder, String... endings) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (var paths = Files.walk(folder)) {
      return paths
          .filter(path -> Stream.of(endings).anyMatch(path.toString()::endsWith))
          .sorted()
          .toList();
    }
  }
}

package io.heliograph.browser;

import io.heliograph.support.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code useChannel} in React and Vue, with the package as it is built. */
class FrameworkTests {

  private static final Path TESTS = Path.of("src/test/js/frameworks");

  @ParameterizedTest
  @ValueSource(strings = {"react", "vue"})
  void aComponentFollowsAChannelWhileItIsThere(String framework) throws Exception {
    Path folder = Programs.npm("react@19", "react-dom@19", "jsdom@26", "vue@3");
    Path built = ClientBuild.once().resolve("browser-client/npm");
    copy(built, folder.resolve("node_modules/heliograph"));
    copy(TESTS, folder.resolve("tests"));

    ClientBuild.execute(
        List.of("node", "--test", folder.resolve("tests/" + framework + ".test.mjs").toString()),
        Map.of());
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }
}

package io.heliograph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalManagementPort;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Runs every command of the README as a reader would, against a running application. */
@SpringBootTest(
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = {"heliograph.security.api-key=" + ReadmeTests.KEY, "management.server.port=0"})
class ReadmeTests {

  static final String KEY = "rEaDmE-4f9b27c1d8e05a63b1c7-9f20ae";

  private static final Pattern BLOCK = Pattern.compile("(?ms)^```bash\\n(.*?)^```");

  @LocalServerPort private int port;
  @LocalManagementPort private int managementPort;

  static Stream<String> commands() throws IOException {
    return BLOCK
        .matcher(Files.readString(Path.of("README.md")))
        .results()
        .map(match -> match.group(1))
        .filter(block -> !block.startsWith("./mvnw"));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void theCommandWorksAsItStands(String command) throws IOException, InterruptedException {
    assumeThat(hasCurl()).as("install curl and bash to run the README's commands").isTrue();
    Result result = bash(command);
    assertThat(result.exit()).as(result.output()).isZero();
    assertThat(result.output()).doesNotContain("/problems/");
  }

  @Test
  void aCommandThatIsRefusedWouldBeNoticed() throws IOException, InterruptedException {
    assumeThat(hasCurl()).as("install curl and bash to run the README's commands").isTrue();
    assertThat(bash("curl http://localhost:8080/v1/sessions").exit()).isNotZero();
  }

  @Test
  void theReadmeStartsWithTheTwoCommandsThatSetUpEverything() throws IOException {
    String first =
        BLOCK
            .matcher(Files.readString(Path.of("README.md")))
            .results()
            .map(match -> match.group(1))
            .findFirst()
            .orElse("");
    assertThat(first.lines().map(line -> line.replaceAll("\\s+#.*", "")))
        .containsExactly("./mvnw spring-boot:run", "./mvnw verify");
    assertThat(commands()).hasSizeGreaterThan(5);
  }

  private record Result(int exit, String output) {}

  private Result bash(String command) throws IOException, InterruptedException {
    String here =
        command
            .replace("localhost:8080", "localhost:" + port)
            .replace("localhost:8081", "127.0.0.1:" + managementPort);
    // Each curl of a block counts, not only the last.
    String script = "set -eu -o pipefail\ncurl() { command curl --fail-with-body -sS \"$@\"; }\n";
    ProcessBuilder bash = new ProcessBuilder(List.of("bash", "-c", script + here));
    bash.environment().put("HELIOGRAPH_KEY", KEY);
    Process process = bash.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("the command ends").isTrue();
    return new Result(process.exitValue(), output);
  }

  private static boolean hasCurl() {
    return Stream.of("/usr/bin/curl", "/bin/curl")
            .anyMatch(curl -> Files.isExecutable(Path.of(curl)))
        && Files.isExecutable(Path.of("/bin/bash"));
  }
}

package io.heliograph.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A start that fails prints the reason and what to change, without a stack trace before it. */
class FailedStartTests {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "heliograph.security.api-key=short | The setting heliograph.security.api-key is too short;"
            + " it needs at least 32 random characters.",
        "heliograph.session.heartbeat=abc"
            + " | The setting heliograph.session.heartbeat is 'abc'"
            + " (\"heliograph.session.heartbeat\" from property source \"commandLineArgs\"), which"
            + " is not a duration such as 500ms, 30s, 10m, 2h or PT10M.",
        "heliograph.session.max-per-user=many"
            + " | The setting heliograph.session.max-per-user is 'many'"
            + " (\"heliograph.session.max-per-user\" from property source \"commandLineArgs\"),"
            + " which is not a number.",
        "heliograph.session.heartbeet=30s"
            + " | The setting heliograph.session.heartbeet is not a setting of Heliograph (set in"
            + " commandLineArgs); did you mean heliograph.session.heartbeat?"
      })
  void theReasonIsPrintedWithoutAStackTrace(String argument, String reason) throws Exception {
    String output = start("--" + argument);
    assertThat(output).contains("APPLICATION FAILED TO START").contains(reason);
    assertThat(output).doesNotContain("\tat ");
  }

  private static String start(String argument) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                "io.heliograph.HeliographApplication",
                "--server.port=0",
                "--management.server.port=0",
                argument));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      String output =
          new String(
              process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      assertThat(process.waitFor()).isNotZero();
      return output;
    } finally {
      process.destroyForcibly();
    }
  }
}

package io.heliograph.operate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rules in the judgement of Prometheus itself, where it is installed. */
class PromtoolTests {

  private static final Path RULES = Chart.SOURCE.resolve("rules/heliograph.yaml");
  private static final Path CASES = Chart.SOURCE.resolve("rules/heliograph.test.yaml");

  @BeforeAll
  static void promtoolIsThere() {
    assumeThat(
            Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "promtool"))))
        .as("needs promtool (Debian: apt install prometheus)")
        .isTrue();
  }

  @Test
  void theRulesAreRules() throws Exception {
    promtool("check", "rules", RULES.toString());
  }

  @Test
  void theRulesThatTheChartMakesAreRules(@TempDir Path folder) throws Exception {
    var groups = Chart.of("full").custom("PrometheusRule").path("spec");
    Path file = folder.resolve("rules.yaml");
    Files.writeString(file, Chart.YAML.writeValueAsString(groups));
    promtool("check", "rules", file.toString());
  }

  @Test
  void eachAlertFiresWhenItShouldAndOnlyThen() throws Exception {
    promtool("test", "rules", CASES.toString());
    String cases = Chart.read(CASES);
    Chart.YAML
        .readTree(Chart.read(RULES))
        .at("/groups/1/rules")
        .forEach(
            rule ->
                assertThat(cases)
                    .contains(
                        "alertname: " + rule.path("alert").asString() + "\n        exp_alerts"));
  }

  private static void promtool(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("promtool"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
  }
}

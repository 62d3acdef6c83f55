package io.heliograph.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.support.LogScan;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

/** The risk: the probe passes although the service does not work. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "management.server.port=0",
      "heliograph.security.anonymous=false",
      "heliograph.security.api-key=" + ProbeTests.KEY
    })
class ProbeTests {

  static final String KEY = "pRoBe-93d1f07a5c2e84b6a9d0-71ec5f";

  @LocalServerPort int port;
  @TempDir Path folder;

  @Test
  void theProbePassesWhereAnonymousSessionsAreRefused() throws Exception {
    ProbeRun run = ProbeRun.of(port, key(LogScan.secret(KEY)));
    assertThat(run.passed()).as(run.report()).isTrue();
    assertThat(run.report()).contains("received");
  }

  @Test
  void theCheckIsRepeatedAsOftenAsRequested() throws Exception {
    ProbeRun run = ProbeRun.of(port, key(LogScan.secret(KEY)), "20");
    assertThat(run.passed()).as(run.report()).isTrue();
    assertThat(run.report()).containsOnlyOnce("received").contains("20 times");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "many", "3000000000"})
  void anInvalidNumberOfRepetitionsFails(String times) throws Exception {
    ProbeRun run = ProbeRun.of(port, key(LogScan.secret(KEY)), times);
    assertThat(run.passed()).isFalse();
    assertThat(run.report()).contains("FAILED", times).doesNotContain("received");
  }

  @Test
  void anUnknownKeyFailsAndIsNotPrinted() throws Exception {
    String wrong = LogScan.secret("another-51c7e0a94f3b82d6c1f0-27bd4e");
    ProbeRun run = ProbeRun.of(port, key(wrong));
    assertThat(run.passed()).isFalse();
    assertThat(run.report()).contains("FAILED").doesNotContain("received", wrong);
  }

  @Test
  void withoutAnAddressTheUsageIsPrinted() {
    var report = new java.io.ByteArrayOutputStream();
    assertThat(Probe.run(new String[0], _ -> null, new java.io.PrintStream(report))).isFalse();
    assertThat(report.toString(java.nio.charset.StandardCharsets.UTF_8)).contains("usage");
  }

  private Path key(String value) throws Exception {
    return Files.writeString(folder.resolve("key"), value + "\n");
  }
}

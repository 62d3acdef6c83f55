package io.heliograph.operate;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.HeliographApplication;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The risk: every pod that a rollout ends counts as one that failed. */
class StopTests {

  @Test
  void aProcessThatIsAskedToStopEndsWithoutAnError() throws Exception {
    Process node =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                HeliographApplication.class.getName(),
                "--server.port=0",
                "--management.server.port=0")
            .redirectErrorStream(true)
            .start();
    try (BufferedReader log = node.inputReader()) {
      assertThat(log.lines().anyMatch(line -> line.contains("Started HeliographApplication")))
          .isTrue();
      // SIGTERM, and the log stays open.
      node.toHandle().destroy();
      log.lines().forEach(_ -> {});
      assertThat(node.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(node.exitValue()).isZero();
    } finally {
      node.destroyForcibly();
    }
  }
}

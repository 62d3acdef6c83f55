package io.heliograph.operate;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.heliograph.HeliographApplication;
import io.heliograph.probe.ProbeRun;
import io.heliograph.support.LogScan;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The risk: the chart sets what the application does not read. */
class ChartedNodeTests {

  private static final String KEY = LogScan.secret("cHaRt-7d20b1f4c8e95a36b0d7-4f21ce");

  @TempDir Path mounted;

  @Test
  void aNodeWithTheChartsSettingsAndSecretsPassesTheChartsTest() throws Exception {
    Path settings = Files.createDirectory(mounted.resolve("config"));
    Files.writeString(
        settings.resolve("application.yaml"),
        Chart.of("default").only(ConfigMap.class).getData().getOrDefault("application.yaml", ""));
    Path secrets = Files.createDirectory(mounted.resolve("secrets"));
    // As Kubernetes mounts a Secret: links to a folder whose name begins with two dots.
    Path data = Files.createDirectory(secrets.resolve("..2026_11_21"));
    Path keyFile = secrets.resolve("heliograph.security.api-key");
    Files.writeString(data.resolve("heliograph.security.api-key"), KEY);
    Files.createSymbolicLink(keyFile, data.resolve("heliograph.security.api-key"));

    try (ConfigurableApplicationContext node =
        new SpringApplicationBuilder(HeliographApplication.class)
            .registerShutdownHook(false)
            .run(
                "--spring.config.additional-location=file:" + settings + "/",
                "--spring.config.import=optional:configtree:" + secrets + "/",
                "--server.port=0",
                "--management.server.port=0",
                "--management.server.address=127.0.0.1",
                "--heliograph.drain.duration=0s")) {
      assertThat(node.getEnvironment().getProperty("spring.lifecycle.timeout-per-shutdown-phase"))
          .isEqualTo("40s");
      int port = node.getEnvironment().getRequiredProperty("local.server.port", Integer.class);

      ProbeRun probed = ProbeRun.of(port, keyFile);

      assertThat(probed.passed()).as(probed.report()).isTrue();
      assertThat(probed.report()).contains("ready", "welcomed", "received").doesNotContain(KEY);

      ProbeRun withoutKey = ProbeRun.of(port, mounted.resolve("nothing"));

      assertThat(withoutKey.passed()).as(withoutKey.report()).isTrue();
      assertThat(withoutKey.report()).contains("welcomed", "NOT PUBLISHED");
    }
  }
}

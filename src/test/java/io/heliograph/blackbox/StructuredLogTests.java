package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.HeliographApplication;
import io.heliograph.support.TestBackend;
import io.heliograph.support.TestBrowser;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.logging.LoggingSystemProperty;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import tools.jackson.databind.JsonNode;

/** The risk: a log collector meets a line that is no JSON, or a trace that it cannot join. */
@ExtendWith(OutputCaptureExtension.class)
class StructuredLogTests {

  /** Boot hands the format on as a system property, and every later test's log would have it. */
  @AfterEach
  void backToText() {
    System.clearProperty(
        LoggingSystemProperty.CONSOLE_STRUCTURED_FORMAT.getEnvironmentVariableName());
  }

  @Test
  void withOneSettingEachLineIsAnEcsDocument(CapturedOutput output) {
    var application =
        new SpringApplicationBuilder(HeliographApplication.class)
            .run(
                "--server.port=0",
                "--management.server.port=0",
                "--heliograph.security.api-key=" + BlackBox.KEY,
                "--logging.structured.format.console=ecs");
    try (application) {
      String port = application.getEnvironment().getRequiredProperty("local.server.port");
      var backend = new TestBackend(Integer.parseInt(port), BlackBox.KEY);
      try (var browser = new TestBrowser(backend)) {
        var tab = browser.connect("alice");
        backend.push(
            "user:alice",
            "hello",
            "",
            "traceparent",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        tab.receives("hello");
      }
    }
    List<JsonNode> lines =
        output
            .getOut()
            .lines()
            .filter(line -> !line.isBlank())
            .map(TestBackend.JSON::readTree)
            .toList();
    assertThat(lines)
        .hasSizeGreaterThan(3)
        .allSatisfy(
            line -> {
              assertThat(line.at("/ecs/version").asString()).isNotEmpty();
              assertThat(line.at("/service/name").asString()).isEqualTo("heliograph");
              assertThat(line.at("/@timestamp").asString()).isNotEmpty();
              assertThat(line.at("/log/level").asString()).isNotEmpty();
            })
        .anySatisfy(
            line ->
                assertThat(line.at("/trace/id").asString())
                    .isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736"));
  }
}

package io.heliograph.operate;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.support.NodeProcess;
import io.heliograph.support.TestBackend;
import io.heliograph.support.TestBrowser;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The risk: a log collector meets a line that is no JSON, or a trace that it cannot join. */
class StructuredLogTests {

  /** A process of its own: the format of a JVM's log is set by the first node that starts there. */
  @Test
  void withOneSettingEachLineIsAnEcsDocument() {
    String log;
    try (NodeProcess node =
        NodeProcess.alone("logging.structured.format.console=ecs").awaitStarted()) {
      TestBackend backend = node.backend();
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
      node.signal("TERM");
      node.await();
      log = node.log();
    }
    List<JsonNode> lines =
        log.lines().filter(line -> !line.isBlank()).map(TestBackend.JSON::readTree).toList();
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

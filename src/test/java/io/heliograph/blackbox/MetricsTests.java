package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalManagementPort;

/**
 * The risk: a dashboard asks for a name that nobody writes, or a meter is there that nobody knows.
 */
class MetricsTests extends BlackBox {

  /** A row is {@code | `heliograph.name` | type | tags | meaning |}. */
  private static final Pattern ROW =
      Pattern.compile(
          "^\\| `(heliograph\\.[a-z.]+)` \\| (counter|gauge|timer) \\|", Pattern.MULTILINE);

  @LocalManagementPort int managementPort;

  @Test
  void eachMeterStandsInTheScrapeUnderItsNameAndTags() {
    String topic = "topic:" + fresh("metrics");
    var tab = browser.connect(fresh("metrics"), topic);
    tab.subscribe(topic);
    backend.pushAll(topic, "one");
    tab.receives("one").acknowledges(topic).send("{\"type\":\"dance\"}");
    tab.next("error");

    assertThat(scrape())
        .contains(
            "heliograph_sessions{transport=\"websocket\"}",
            "heliograph_handshakes_total{outcome=\"accepted\"}",
            "heliograph_subscriptions{kind=\"topic\"} ",
            "heliograph_messages_published_total{kind=\"topic\"}",
            "heliograph_messages_written_total ",
            "heliograph_messages_recovered_total ",
            "heliograph_gaps_total ",
            "heliograph_delivery_seconds_bucket{",
            "heliograph_delivery_seconds_count ",
            "heliograph_acknowledgement_seconds_bucket{",
            "heliograph_closes_total{reason=\"silent\"}",
            "heliograph_queue_overflows_total ",
            "heliograph_frames_refused_total{reason=\"invalid_request\"}")
        .doesNotContain(topic.substring("topic:".length()))
        .doesNotContain(tab.session());
  }

  @Test
  void theReadmesTableNamesEachMeterThereIsAndNoOther() throws IOException {
    browser.connectAnonymously().send("{\"type\":\"dance\"}").next("error");
    Set<String> there = new TreeSet<>();
    meters.getMeters().stream()
        .map(meter -> meter.getId().getName())
        .filter(name -> name.startsWith("heliograph."))
        .forEach(there::add);
    Set<String> told =
        new TreeSet<>(
            ROW.matcher(Files.readString(Path.of("README.md")))
                .results()
                .map((MatchResult row) -> row.group(1))
                .toList());
    assertThat(told).as("the README's table of metrics").isNotEmpty().isEqualTo(there);
  }

  private String scrape() {
    return backend.at(managementPort).get("/actuator/prometheus").body();
  }
}

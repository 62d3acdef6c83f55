package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.EmptyWebhookSecretException;
import com.standardwebhooks.exceptions.WebhookSigningException;
import io.heliograph.message.Ids;
import io.micrometer.core.instrument.Gauge;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalManagementPort;

/** The risk: a dashboard asks for a name that is never written, or a meter is not documented. */
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
            "heliograph_sessions{protocol=\"heliograph\",transport=\"websocket\"}",
            "heliograph_handshakes_total{outcome=\"accepted\",protocol=\"heliograph\",transport=\"websocket\"}",
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
  void whatIsNoHttpIsCountedToo() {
    double refused = count("heliograph.requests.refused", "problem", "invalid-request");
    assertThat(backend.raw("GET /ws\u0001", "").status()).isEqualTo(400);
    assertThat(count("heliograph.requests.refused", "problem", "invalid-request"))
        .isEqualTo(refused + 1);
  }

  @Test
  void theDocumentedMetersAreExactlyThoseThatExist() throws IOException {
    browser.connectAnonymously().send("{\"type\":\"dance\"}").next("error");
    backend.raw("GET /ws\u0001", "");
    String user = fresh("metrics");
    assertThat(
            signed(
                "{\"type\":\"message.push\",\"data\":{\"channel\":\"user:"
                    + user
                    + "\",\"event\":\"e\",\"data\":1}}"))
        .isEqualTo(204);
    Set<String> there = new TreeSet<>();
    meters.getMeters().stream()
        .map(meter -> meter.getId().getName())
        .filter(name -> name.startsWith("heliograph."))
        .forEach(there::add);
    Set<String> documented =
        new TreeSet<>(
            ROW.matcher(Files.readString(Path.of("docs/operations.md")))
                .results()
                .map((MatchResult row) -> row.group(1))
                .toList());
    assertThat(documented)
        .as("the table of metrics in docs/operations.md")
        .isNotEmpty()
        .isEqualTo(there);
  }

  /** A meter holds what it measures only weakly, unless it is told otherwise. */
  @Test
  void noGaugeLosesWhatItMeasures() {
    System.gc();
    assertThat(
            meters.getMeters().stream()
                .filter(meter -> meter.getId().getName().startsWith("heliograph."))
                .filter(Gauge.class::isInstance)
                .map(Gauge.class::cast)
                .filter(gauge -> Double.isNaN(gauge.value()))
                .map(gauge -> gauge.getId().getName()))
        .isEmpty();
  }

  /** A webhook of the source whose secret has an end; the answer's status. */
  private int signed(String body) {
    long now = clock.instant().getEpochSecond();
    String id = "msg_" + Ids.random128();
    try {
      return backend
          .post(
              "/callbacks/shop",
              body,
              "webhook-id",
              id,
              "webhook-timestamp",
              Long.toString(now),
              "webhook-signature",
              new Webhook(SHOP_SECRET).sign(id, now, body))
          .status();
    } catch (WebhookSigningException | EmptyWebhookSecretException e) {
      throw new AssertionError(e);
    }
  }

  private String scrape() {
    return backend.at(managementPort).get("/actuator/prometheus").body();
  }
}

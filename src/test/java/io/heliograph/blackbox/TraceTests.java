package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.heliograph.support.TestBackend;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.springframework.boot.test.web.server.LocalManagementPort;

/**
 * The risk: a push that came late cannot be found again, or following pushes floods the log and
 * contains what must stay secret.
 */
class TraceTests extends BlackBox {

  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String SPAN = "00f067aa0ba902b7";
  private static final String SAMPLED = "00-" + TRACE + "-" + SPAN + "-01";

  @LocalManagementPort int managementPort;

  private final Logger deliveryLog =
      (Logger) LoggerFactory.getLogger("io.heliograph.hub.DeliveryLog");
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  @BeforeEach
  void listen() {
    lines.start();
    deliveryLog.addAppender(lines);
  }

  @AfterEach
  void stopListening() {
    deliveryLog.detachAppender(lines);
  }

  @Test
  void theLogLineOfADeliveryNamesTheTraceAndNotTheUser() {
    String user = fresh("traced");
    var tab = browser.connect(user);
    String id = push("user:" + user, SAMPLED).text("id");
    tab.receives("hello");

    await().untilAsserted(() -> assertThat(lines.list).hasSize(1));
    assertThat(fields(lines.list.getFirst()))
        .containsEntry("trace.id", TRACE)
        .containsEntry("span.id", SPAN)
        .containsEntry("heliograph.message.id", id)
        .containsEntry("heliograph.channel.kind", "user")
        .containsEntry("heliograph.delivery", "live");
    assertThat(lines.list.getFirst().toString()).doesNotContain(user).doesNotContain("hello");
  }

  @Test
  void aMessageThatIsReadFromTheLogLaterIsStillOfItsTrace() {
    String user = fresh("late");
    push("user:" + user, SAMPLED);
    browser.connect(user).receives("hello");

    await().untilAsserted(() -> assertThat(lines.list).hasSize(1));
    assertThat(fields(lines.list.getFirst()))
        .containsEntry("trace.id", TRACE)
        .containsEntry("heliograph.delivery", "recovered");
  }

  @Test
  void aBroadcastIsOneLogLineHoweverManyReceiveIt() {
    String topic = "topic:" + fresh("traced");
    var one = browser.connect(fresh("one"), topic);
    var two = browser.connect(fresh("two"), topic);
    one.subscribe(topic);
    two.subscribe(topic);
    push(topic, SAMPLED);
    one.receives("hello");
    two.receives("hello");

    assertThat(lines.list)
        .singleElement()
        .satisfies(line -> assertThat(line.getFormattedMessage()).endsWith("goes to 2 sessions"));
  }

  @Test
  void linesOfABulkAreOfTheRequestsTrace() {
    String user = fresh("bulk");
    var tab = browser.connect(user);
    String line = "{\"channel\":\"user:" + user + "\",\"data\":\"hello\"}";
    backend.postNdjson(line + "\n", "traceparent", SAMPLED);
    backend.post("/v1/messages", "[" + line + "]", "traceparent", SAMPLED);
    tab.receives("hello", "hello");

    await().untilAsserted(() -> assertThat(lines.list).hasSize(2));
    assertThat(lines.list)
        .allSatisfy(event -> assertThat(fields(event)).containsEntry("trace.id", TRACE));
  }

  /** Not sampled, another version, no trace, wrong letters, wrong length, nothing. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "00-" + TRACE + "-" + SPAN + "-00",
        "ff-" + TRACE + "-" + SPAN + "-01",
        "00-00000000000000000000000000000000-" + SPAN + "-01",
        "00-" + TRACE + "-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + SPAN + "-01",
        "00-" + TRACE + "-" + SPAN + "-01-more",
        "x"
      })
  void whatIsNotFollowedIsPushedAndNotLogged(String traceparent) {
    String user = fresh("untraced");
    var tab = browser.connect(user);
    assertThat(push("user:" + user, traceparent).status()).isEqualTo(202);
    tab.receives("hello");
    assertThat(lines.list).isEmpty();
  }

  @Test
  void theHistogramOfDeliveryLeadsToATrace() throws IOException, InterruptedException {
    String user = fresh("exemplar");
    var tab = browser.connect(user);
    push("user:" + user, SAMPLED);
    tab.receives("hello");

    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://localhost:" + managementPort + "/actuator/prometheus"))
            .header("Accept", "application/openmetrics-text; version=1.0.0")
            .build();
    assertThat(HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body().lines())
        .anySatisfy(
            line ->
                assertThat(line)
                    .startsWith("heliograph_delivery_seconds_bucket{")
                    .contains("trace_id=\"" + TRACE + "\""));
  }

  private TestBackend.Answer push(String channel, String traceparent) {
    return backend.push(channel, "hello", "", "traceparent", traceparent);
  }

  private static Map<String, String> fields(ILoggingEvent line) {
    List<org.slf4j.event.KeyValuePair> pairs = line.getKeyValuePairs();
    return pairs.stream()
        .collect(Collectors.toMap(pair -> pair.key, pair -> String.valueOf(pair.value)));
  }
}

package io.heliograph.operate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.support.Node;
import io.heliograph.support.NodeBrowser;
import io.heliograph.support.RedisServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/**
 * The risk: an alert that never fires, and a panel that stays empty, since nothing is so called.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WatchTests {

  private static final JsonNode RULES =
      Chart.YAML.readTree(Chart.read(Chart.SOURCE.resolve("rules/heliograph.yaml")));
  private static final JsonNode DASHBOARD =
      Chart.YAML.readTree(Chart.read(Chart.SOURCE.resolve("dashboards/heliograph.json")));

  private RedisServer redis;
  private Node node;
  private Scrape scrape;

  @BeforeAll
  void aNodeThatHasDoneSomethingIsScraped() throws Exception {
    redis = RedisServer.running();
    node =
        Node.on(
            redis,
            "heliograph.callbacks.sources.shop.scheme=standard-webhooks",
            "heliograph.callbacks.sources.shop.secrets[0].value="
                + "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
            "heliograph.upstream.url=http://localhost:1/",
            "heliograph.upstream.secret=whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
            "heliograph.upstream.methods=watch",
            "heliograph.upstream.allow-internal=localhost",
            "heliograph.log.max-messages=10");
    await().until(() -> node.push("topic:first", "ready").statusCode() == 202);
    try (NodeBrowser browser = node.browser("alice")) {
      node.push("user:alice", "hello");
      browser.receives("hello");
      browser.send("{\"type\":\"dance\"}");
      browser.send("{\"type\":\"call\",\"id\":1,\"method\":\"watch\"}");
      await().until(() -> browser.frames("error").size() == 2);
    }
    System.gc();
    await().until(() -> gcCounted(Scrape.of(scraped())));
    scrape = Scrape.of(scraped());
  }

  private String scraped() throws Exception {
    return node.manage("/actuator/prometheus").body();
  }

  private static boolean gcCounted(Scrape scrape) {
    return scrape.seriesByName().containsKey("jvm_gc_pause_seconds_sum");
  }

  @AfterAll
  void end() {
    if (node != null) {
      node.close();
    }
    if (redis != null) {
      redis.close();
    }
  }

  @Test
  void everyMetricAndLabelOfTheRulesIsInTheScrape() {
    List<String> expressions = rules().map(rule -> rule.path("expr").asString()).toList();
    assertThat(expressions).hasSizeGreaterThan(15);
    assertThat(expressions).allSatisfy(expression -> assertThat(missing(expression)).isEmpty());
  }

  @Test
  void everyMetricAndLabelOfTheDashboardIsInTheScrape() {
    List<String> expressions = targets().map(target -> target.path("expr").asString()).toList();
    assertThat(expressions).hasSizeGreaterThan(30);
    assertThat(expressions).allSatisfy(expression -> assertThat(missing(expression)).isEmpty());
    assertThat(
            targets()
                .flatMap(
                    target ->
                        Pattern.compile("\\{\\{([a-z]+)}}")
                            .matcher(target.path("legendFormat").asString())
                            .results()
                            .filter(
                                label -> !target.path("expr").asString().contains(label.group(1)))
                            .map(label -> target.path("expr").asString())))
        .as("legends of labels that the expression drops")
        .isEmpty();
  }

  @Test
  void aNameThatIsNeverWrittenIsNoticed() {
    assertThat(missing("rate(heliograph_closes{job=\"heliograph\"}[5m])"))
        .containsExactly("heliograph_closes");
    assertThat(missing("heliograph_closes_total{reason=~\"gone|bored\"}"))
        .containsExactly("heliograph_closes_total{reason=\"bored\"}");
    assertThat(missing("sum by (job, colour) (heliograph_sessions{job=\"heliograph\"})"))
        .containsExactly("label colour");
  }

  @Test
  void everyNamedMetricHasASelectorThatTheOthersAreHeldAgainst() {
    Stream.concat(rules(), targets())
        .map(rule -> rule.path("expr").asString())
        .forEach(
            expression ->
                assertThat(
                        Pattern.compile(
                                "\\b(?:heliograph|jvm|process|application)_[a-z_]+(?!\\{)\\b")
                            .matcher(expression)
                            .results()
                            .filter(name -> !expression.startsWith("{", name.end())))
                    .as(expression)
                    .isEmpty());
  }

  @Test
  void everyAlertSaysWhatIsWrongAndWhatToDo() {
    String runbook = Chart.read(Path.of("docs/operations.md"));
    assertThat(alerts()).isNotEmpty();
    alerts()
        .forEach(
            alert -> {
              String name = alert.path("alert").asString();
              assertThat(alert.at("/annotations/summary").asString()).as(name).isNotEmpty();
              assertThat(alert.at("/annotations/description").asString()).as(name).endsWith(".");
              assertThat(alert.at("/labels/severity").asString()).isIn("critical", "warning");
              assertThat(alert.at("/annotations/runbook_url").asString())
                  .isEqualTo("docs/operations.md#" + anchor(name));
              assertThat(runbook).contains("<a id=\"" + anchor(name) + "\"></a>");
            });
  }

  private static String anchor(String alert) {
    return alert.toLowerCase(java.util.Locale.ROOT);
  }

  @Test
  void theChartPutsInItsReleaseAndTheValuesThresholds() {
    JsonNode groups = Chart.of("full").custom("PrometheusRule").at("/spec/groups");
    List<JsonNode> rules = new ArrayList<>();
    groups.forEach(group -> group.path("rules").forEach(rules::add));

    Set<String> here = names(rules.stream());
    Set<String> there = names(alerts());
    there.remove("HeliographUnbalanced");
    assertThat(here).isEqualTo(there);
    for (JsonNode rule : rules) {
      assertThat(rule.path("expr").asString())
          .contains("namespace=\"push\",job=\"heliograph\"")
          .doesNotContain("{job=");
    }
    assertThat(expression(rules, "HeliographNearConnectionLimit")).endsWith("> 0.7\n");
    assertThat(expression(rules, "HeliographDeliveryBurnFast"))
        .contains("> 0.072\nand")
        .endsWith("> 0.072\n");
    assertThat(expression(rules, "HeliographConnectionsDropped"))
        .contains("> 100)\n")
        .endsWith("< 0.5\n");
    // 60 s of drain in that case, and 15 to spare.
    assertThat(expression(rules, "HeliographDrainStuck")).endsWith("> 75\n");
    JsonNode down = rule(rules, "HeliographDown");
    assertThat(down.path("for").asString()).isEqualTo("5m");
    assertThat(down.at("/labels/team").asString()).isEqualTo("messages");
    assertThat(down.at("/labels/severity").asString()).isEqualTo("critical");
    assertThat(down.at("/annotations/runbook_url").asString())
        .isEqualTo("https://docs.example.com/heliograph/docs/operations.md#heliographdown");
    assertThat(down.at("/annotations/description").asString()).contains("{{ $labels.pod }}");
  }

  @Test
  void everyAlertsThresholdCanBeReplaced() {
    String thresholds =
        names(alerts()).stream().map(name -> name + ": 7.5").collect(Collectors.joining(", "));
    JsonNode groups =
        Chart.with("metrics: {prometheusRule: {enabled: true, thresholds: {" + thresholds + "}}}")
            .custom("PrometheusRule")
            .at("/spec/groups");
    List<JsonNode> alerts = new ArrayList<>();
    groups.get(1).path("rules").forEach(alerts::add);
    assertThat(alerts)
        .isNotEmpty()
        .allSatisfy(alert -> assertThat(alert.path("expr").asString()).endsWith(" 7.5\n"));
  }

  @Test
  void theDashboardHasSevenRowsAndOnlyPanelsThatGrafanaStillHas() {
    List<JsonNode> panels = panels().toList();
    assertThat(panels.stream().filter(panel -> type(panel).equals("row")))
        .extracting(panel -> panel.path("title").asString())
        .containsExactly(
            "Overview",
            "Sessions",
            "Delivery",
            "Back-pressure",
            "Broker",
            "JVM and pod",
            "Rollout");
    assertThat(panels)
        .allSatisfy(panel -> assertThat(type(panel)).isIn("row", "stat", "timeseries", "heatmap"));
    assertThat(panels.stream().filter(panel -> !type(panel).equals("row")))
        .allSatisfy(
            panel -> {
              assertThat(panel.path("description").asString()).isNotEmpty();
              assertThat(panel.at("/datasource/uid").asString()).isEqualTo("${datasource}");
              if (!type(panel).equals("heatmap")) {
                assertThat(panel.at("/fieldConfig/defaults/unit").asString()).isNotEmpty();
              }
            });
    assertThat(panels).extracting(panel -> panel.path("id").asInt()).doesNotHaveDuplicates();
    assertThat(targets().map(target -> target.path("expr").asString()))
        .allSatisfy(
            expression ->
                assertThat(expression)
                    .contains("{namespace=\"$namespace\",job=\"$job\",pod=~\"$pod\"")
                    .doesNotContainPattern("\\[\\d+[smh]]"));
  }

  private List<String> missing(String expression) {
    return scrape.missing(expression);
  }

  private static Stream<JsonNode> rules() {
    return RULES.path("groups").valueStream().flatMap(group -> group.path("rules").valueStream());
  }

  private static Stream<JsonNode> alerts() {
    return rules().filter(rule -> rule.has("alert"));
  }

  private static Set<String> names(Stream<JsonNode> rules) {
    return rules
        .filter(rule -> rule.has("alert"))
        .map(rule -> rule.path("alert").asString())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static JsonNode rule(List<JsonNode> rules, String alert) {
    return rules.stream()
        .filter(rule -> rule.path("alert").asString("").equals(alert))
        .findFirst()
        .orElseThrow();
  }

  private static String expression(List<JsonNode> rules, String alert) {
    return rule(rules, alert).path("expr").asString();
  }

  private static Stream<JsonNode> panels() {
    return DASHBOARD.path("panels").valueStream();
  }

  private static String type(JsonNode panel) {
    return panel.path("type").asString();
  }

  private static Stream<JsonNode> targets() {
    return panels().flatMap(panel -> panel.path("targets").valueStream());
  }
}

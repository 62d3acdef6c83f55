package io.heliograph.operate;

import static org.assertj.core.api.Assertions.assertThat;

import com.marcnuri.helm.LintResult;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The risk: a chart that renders, and that a cluster then drops a part of. */
class ChartTests {

  private static final Map<String, Set<String>> KINDS_BESIDE_THE_USUAL =
      Map.of(
          "default", Set.of(),
          "full",
              Set.of("PodDisruptionBudget", "ServiceMonitor", "PrometheusRule", "NetworkPolicy"),
          "ingress", Set.of("Ingress", "Secret", "PodMonitor", "NetworkPolicy"),
          "gateway", Set.of("HTTPRoute", "HorizontalPodAutoscaler", "PodDisruptionBudget"),
          "keda", Set.of("ScaledObject", "PodDisruptionBudget"),
          "tls", Set.of("PodDisruptionBudget", "NetworkPolicy"));

  static List<String> cases() {
    return Chart.cases();
  }

  @Test
  void eachCaseIsKnownHere() {
    assertThat(Chart.cases()).containsExactlyInAnyOrderElementsOf(KINDS_BESIDE_THE_USUAL.keySet());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void helmFindsNothingToSayAgainstIt(String ciCase) {
    LintResult lint = Chart.of(ciCase).lint();
    assertThat(lint.getMessages()).isEmpty();
    assertThat(lint.isFailed()).isFalse();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everyFieldOfEveryObjectIsOneThatKubernetesKnows(String ciCase) {
    List<HasMetadata> objects = Chart.of(ciCase).objects();
    assertThat(objects.stream().flatMap(object -> UnknownFields.of(object).stream())).isEmpty();
    assertThat(objects.stream().map(HasMetadata::getKind).collect(Collectors.toSet()))
        .containsAll(KINDS_BESIDE_THE_USUAL.getOrDefault(ciCase, Set.of()))
        .contains("Deployment", "Service", "ServiceAccount", "ConfigMap", "Pod");
    assertThat(objects.stream().map(object -> object.getKind() + object.getMetadata().getName()))
        .doesNotHaveDuplicates();
  }

  @Test
  void aFieldThatKubernetesDoesNotKnowIsNoticed() {
    Object pod =
        new KubernetesSerialization()
            .unmarshal(
                "{\"apiVersion\":\"v1\",\"kind\":\"Pod\","
                    + "\"spec\":{\"containers\":[{\"nmae\":\"a\"}]}}");
    assertThat(UnknownFields.of(pod)).singleElement().asString().contains("nmae");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void podsKeepWithinTheRestrictedStandard(String ciCase) {
    Chart chart = Chart.of(ciCase);
    List<PodSpec> pods =
        List.of(
            chart.only(Deployment.class).getSpec().getTemplate().getSpec(),
            chart.only(io.fabric8.kubernetes.api.model.Pod.class).getSpec());
    for (PodSpec pod : pods) {
      assertThat(pod.getAutomountServiceAccountToken()).isFalse();
      assertThat(pod.getEnableServiceLinks()).isFalse();
      assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
      assertThat(pod.getSecurityContext().getRunAsUser()).isEqualTo(10001);
      assertThat(pod.getSecurityContext().getSeccompProfile().getType())
          .isEqualTo("RuntimeDefault");
      for (Container container : pod.getContainers()) {
        assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(container.getSecurityContext().getCapabilities().getDrop())
            .containsExactly("ALL");
        assertThat(container.getVolumeMounts())
            .anyMatch(mount -> mount.getMountPath().equals("/tmp"));
        assertThat(container.getResources().getLimits().get("memory"))
            .isEqualTo(container.getResources().getRequests().get("memory"));
        assertThat(container.getResources().getLimits()).doesNotContainKey("cpu");
      }
    }
  }

  @Test
  void theServiceSelectsTheNodesAndNotTheTest() {
    Chart chart = Chart.of("default");
    var selector =
        chart.all(io.fabric8.kubernetes.api.model.Service.class).getFirst().getSpec().getSelector();
    assertThat(
            chart
                .only(Deployment.class)
                .getSpec()
                .getTemplate()
                .getMetadata()
                .getLabels()
                .entrySet())
        .containsAll(selector.entrySet());
    assertThat(chart.only(io.fabric8.kubernetes.api.model.Pod.class).getMetadata().getLabels())
        .isNotEmpty()
        .doesNotContainEntry("app.kubernetes.io/component", "node");
  }

  @Test
  void anOlderKubernetesIsGivenAnOlderWayToWait() {
    var lifecycle =
        Chart.on("1.29.0", "{}")
            .only(Deployment.class)
            .getSpec()
            .getTemplate()
            .getSpec()
            .getContainers()
            .getFirst()
            .getLifecycle();
    assertThat(lifecycle.getPreStop().getSleep()).isNull();
    assertThat(lifecycle.getPreStop().getExec().getCommand()).containsExactly("sleep", "5");
  }

  @Test
  void theChartsReadmeNamesEachValueThereIsAndNoOther() {
    Set<String> there = new TreeSet<>();
    leaves("", Chart.YAML.readTree(Chart.read(Chart.SOURCE.resolve("values.yaml"))), there);
    Set<String> documented =
        new TreeSet<>(
            Pattern.compile("(?m)^\\| `([A-Za-z.]+)` \\|")
                .matcher(Chart.read(Chart.SOURCE.resolve("README.md")))
                .results()
                .map(row -> row.group(1))
                .toList());
    assertThat(documented).isEqualTo(there);
  }

  /** Two levels are a row each; what is deeper is explained in values.yaml. */
  private static void leaves(
      String prefix, tools.jackson.databind.JsonNode values, Set<String> leaves) {
    values
        .properties()
        .forEach(
            value -> {
              String name = prefix + value.getKey();
              boolean group =
                  value.getValue().isObject()
                      && !value.getValue().isEmpty()
                      && !name.endsWith("ecurityContext")
                      && !name.equals("resources")
                      && !name.endsWith("Probe")
                      && !name.endsWith("behavior")
                      && !name.endsWith(".labels");
              if (group) {
                leaves(name + ".", value.getValue(), leaves);
              } else {
                leaves.add(name);
              }
            });
  }

  @Test
  void theChartRunsTheVersionThatTheBuildMakes() {
    assertThat(Chart.read(Chart.SOURCE.resolve("Chart.yaml")))
        .contains("appVersion: " + version(Chart.read(Path.of("pom.xml"))));
  }

  private static String version(String pom) {
    var matcher =
        Pattern.compile("<artifactId>heliograph</artifactId>\\s*<version>([^<]+)<").matcher(pom);
    assertThat(matcher.find()).isTrue();
    return matcher.group(1);
  }
}

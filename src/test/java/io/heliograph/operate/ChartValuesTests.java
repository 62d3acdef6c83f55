package io.heliograph.operate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The risk: a slip in the values that is found out by browsers. */
class ChartValuesTests {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "replicaCount: 2 | 2 replicas without Redis",
        "autoscaling: {enabled: true} | 10 replicas without Redis",
        "{replicaCount: 2, redis: {host: r}} | set existingSecret to a Secret with",
        "{existingSecret: k, redis: {host: r}, autoscaling: {enabled: true}, keda: {enabled: true}}"
            + " | Disable one of them",
        "{existingSecret: k, redis: {host: r}, autoscaling: {enabled: true, minReplicas: 11}}"
            + " | more than its maxReplicas",
        "{existingSecret: k, redis: {host: r},"
            + " autoscaling: {enabled: true, targetCPUUtilizationPercentage: null}}"
            + " | enabled without a target",
        "{existingSecret: k, redis: {host: r, cluster: {nodes: ['a:1']}}} | exclude each other",
        "{existingSecret: k, redis: {sentinel: {nodes: ['a:1']}}} | redis.sentinel.master is not",
        "{existingSecret: k, redis: {database: 1, cluster: {nodes: ['a:1']}}} | database 0 only",
        "{existingSecret: k, redis: {host: r, tls: {enabled: true, clientCertificate: true}}}"
            + " | needs redis.tls.existingSecret",
        "tls: {enabled: true} | needs tls.existingSecret",
        "httpRoute: {enabled: true} | needs httpRoute.parentRefs",
        "metrics: {podMonitor: {enabled: true}, serviceMonitor: {enabled: true}} | counted, twice",
        "drain: {durationSeconds: 60, phaseTimeoutSeconds: 60} | would cut the drain of 60 s",
        "terminationGracePeriodSeconds: 30 | Set it to 85 or more (preStop 5 + drain 30 + phase"
            + " timeout 40",
        "config: {heliograph: {drain: {duration: 5m}}} | use drain.durationSeconds",
        "config: {heliograph.drain.duration: 5m} | use drain.durationSeconds",
        "config: {heliograph: {security: {api-key: abc}}} | use existingSecret",
        "config: {heliograph: {sesion: {heartbeat: 20s}}} | config sets"
            + " heliograph.sesion.heartbeat",
        "config: {heliograph.session.heartbeet: 20s} | config sets heliograph.session.heartbeet",
        "config: {heliograph: {callbacks: {sources: {shop: {secret: x}}}}} | shop.secret, which is",
        "extraEnv: [{name: HELIOGRAPH_DRAIN_DURATION, value: 5m}] | use drain.durationSeconds",
        "metrics: {prometheusRule: {enabled: true, disabled: [Nobody]}} | is no alert of this"
            + " chart",
        "replicas: 3 | 'replicas' not allowed",
        "redis: {hosts: r} | 'hosts' not allowed",
        "redis: {host: 'redis://r:6379'} | '/redis/host'",
        "redis: {port: 0} | '/redis/port'",
        "service: {type: External} | '/service/type'",
        "image: {digest: latest} | '/image/digest'",
        "drain: {durationSeconds: 30s} | '/drain/durationSeconds'",
        "management: {port: 8080} | '/management/port'",
        "httpRoute: {timeouts: {request: long}} | '/httpRoute/timeouts/request'",
        "secrets: {'heliograph.security.api-keys[0].key': abc} | invalid propertyName",
      })
  void aWrongValueIsRefusedWithAMessageThatSaysWhatToDo(String values, String message) {
    Chart chart = Chart.with(values);
    assertThatThrownBy(chart::render).hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({
    // preStop, drain, phase time-out, grace: preStop + drain + phase time-out + 10
    "5, 30, null, 85",
    "0, 0, null, 20",
    "10, 60, null, 150",
    "10, 60, 90, 170",
  })
  void thePodIsGivenTheTimeThatItsDrainTakes(int preStop, int drain, String phase, long grace) {
    Chart chart =
        Chart.with(
            "drain: {preStopSeconds: %d, durationSeconds: %d, phaseTimeoutSeconds: %s}"
                .formatted(preStop, drain, phase));
    PodTemplateSpec pod = chart.only(Deployment.class).getSpec().getTemplate();
    assertThat(pod.getSpec().getTerminationGracePeriodSeconds()).isEqualTo(grace);
    assertThat(chart.only(Deployment.class).getSpec().getMinReadySeconds()).isEqualTo(drain);
    long seconds = phase.equals("null") ? drain + 10 : Long.parseLong(phase);
    assertThat(settings(chart))
        .contains("duration: " + drain + "s")
        .contains("timeout-per-shutdown-phase: " + seconds + "s");
    var lifecycle = pod.getSpec().getContainers().getFirst().getLifecycle();
    assertThat(lifecycle == null ? 0 : lifecycle.getPreStop().getSleep().getSeconds())
        .isEqualTo(preStop);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "config: {heliograph: {session: {heartbeat: 20s, max-per-user: 5}}}",
        "config: {heliograph.session.maxPerUser: 5}",
        "config: {heliograph: {websocket: {allowed-origins: ['https://a.example']}}}",
        "config: {heliograph: {callbacks: {sources: {shop: {scheme: github}}}}}",
        "config: {heliograph: {security: {api-keys: [{name: a}]}}}",
        "config: {server: {http2: {enabled: false}}}",
        "config: null",
        "startupProbe: null",
        "livenessProbe: null",
        "readinessProbe: null"
      })
  void whatIsRightOrLeftOutRenders(String values) {
    assertThat(Chart.with(values).only(Deployment.class)).isNotNull();
  }

  @Test
  void aProbeThatIsNullIsLeftOut() {
    assertThat(
            Chart.with("startupProbe: null")
                .only(Deployment.class)
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .getStartupProbe())
        .isNull();
  }

  @Test
  void aLongerGracePeriodIsKept() {
    assertThat(
            Chart.with("terminationGracePeriodSeconds: 300")
                .only(Deployment.class)
                .getSpec()
                .getTemplate()
                .getSpec()
                .getTerminationGracePeriodSeconds())
        .isEqualTo(300);
  }

  @Test
  void aChangedSettingRollsThePods() {
    assertThat(checksum("config: {heliograph: {session: {heartbeat: 20s}}}"))
        .isNotEqualTo(checksum("config: {heliograph: {session: {heartbeat: 21s}}}"));
  }

  private static String checksum(String values) {
    return Chart.with(values)
        .only(Deployment.class)
        .getSpec()
        .getTemplate()
        .getMetadata()
        .getAnnotations()
        .getOrDefault("checksum/config", "");
  }

  @Test
  void oneNodeAloneHasNoBudgetThatWouldKeepItFromBeingMoved() {
    assertThat(Chart.of("default").all(PodDisruptionBudget.class)).isEmpty();
    var budget = Chart.of("tls").only(PodDisruptionBudget.class).getSpec();
    assertThat(budget.getMaxUnavailable().getValue()).isEqualTo(1);
    assertThat(budget.getUnhealthyPodEvictionPolicy()).isEqualTo("AlwaysAllow");
  }

  @Test
  void secretsAreFilesAndNeverEnvironmentOrSettings() {
    Chart chart = Chart.of("full");
    var pod = chart.only(Deployment.class).getSpec().getTemplate().getSpec();
    assertThat(pod.getContainers().getFirst().getEnv())
        .anyMatch(
            variable ->
                variable.getName().equals("SPRING_CONFIG_IMPORT")
                    && variable.getValue().equals("optional:configtree:/etc/heliograph/secrets/"));
    var sources =
        pod.getVolumes().stream()
            .filter(volume -> volume.getName().equals("secrets"))
            .flatMap(volume -> volume.getProjected().getSources().stream())
            .map(source -> source.getSecret())
            .toList();
    assertThat(sources).hasSize(2);
    assertThat(sources.getFirst().getName()).isEqualTo("heliograph-keys");
    assertThat(sources.getLast().getItems())
        .extracting(item -> item.getKey() + " " + item.getPath())
        .isEqualTo(
            List.of(
                "password spring.data.redis.password",
                "sentinel-password spring.data.redis.sentinel.password"));
  }

  private static String settings(Chart chart) {
    return chart
        .only(io.fabric8.kubernetes.api.model.ConfigMap.class)
        .getData()
        .getOrDefault("application.yaml", "");
  }
}

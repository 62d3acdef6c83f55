package io.heliograph.operate;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * The chart with one set of values, rendered by Helm itself without a cluster. It is a copy: the
 * values stand in values.yaml, so that lint sees them, and the functional test is no hook, since
 * Helm leaves hooks out of what it renders.
 */
final class Chart {

  static final Path SOURCE = Path.of("helm/heliograph");

  static final YAMLMapper YAML = YAMLMapper.shared();

  private static final KubernetesSerialization KUBERNETES = new KubernetesSerialization();

  private final Path copy;
  private final String kubernetes;

  private Chart(Path copy, String kubernetes) {
    this.copy = copy;
    this.kubernetes = kubernetes;
  }

  /** The cases that are in the chart: default, full, … */
  static List<String> cases() {
    try (Stream<Path> files = Files.list(SOURCE.resolve("ci"))) {
      return files
          .map(file -> file.getFileName().toString().replace("-values.yaml", ""))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Chart of(String ciCase) {
    return with(read(SOURCE.resolve("ci").resolve(ciCase + "-values.yaml")));
  }

  /**
   * @param values as YAML, on top of the chart's own
   */
  static Chart with(String values) {
    return on("1.36.0", values);
  }

  static Chart on(String kubernetes, String values) {
    try {
      Path folder = Files.createTempDirectory("chart");
      // Last in, first out: the files before the folders that they are in.
      folder.toFile().deleteOnExit();
      Path copy = folder.resolve("heliograph");
      try (Stream<Path> files = Files.walk(SOURCE)) {
        for (Path file : (Iterable<Path>) files::iterator) {
          Path target = copy.resolve(SOURCE.relativize(file).toString());
          target.toFile().deleteOnExit();
          Files.copy(file, target);
        }
      }
      Path test = copy.resolve("templates/tests/push.yaml");
      Files.writeString(test, read(test).replace("helm.sh/hook: test\n", "hook: test\n"));
      JsonNode own = YAML.readTree(read(SOURCE.resolve("values.yaml")));
      JsonNode more = YAML.readTree(values);
      if (more instanceof ObjectNode object) {
        merge((ObjectNode) own, object);
      }
      Files.writeString(copy.resolve("values.yaml"), YAML.writeValueAsString(own));
      return new Chart(copy, kubernetes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As Helm lays one values file over another. */
  private static void merge(ObjectNode into, ObjectNode from) {
    from.properties()
        .forEach(
            entry -> {
              if (into.get(entry.getKey()) instanceof ObjectNode below
                  && entry.getValue() instanceof ObjectNode above) {
                merge(below, above);
              } else {
                into.set(entry.getKey(), entry.getValue());
              }
            });
  }

  LintResult lint() {
    return new Helm(copy).lint().strict().call();
  }

  /** All objects as text. */
  String render() {
    return new Helm(copy)
        .template()
        .withName("heliograph")
        .withNamespace("push")
        .withKubeVersion(kubernetes)
        .call();
  }

  /** All objects as what they are in Kubernetes. */
  List<HasMetadata> objects() {
    return Arrays.stream(render().split("(?m)^---$"))
        .filter(document -> document.contains("kind:"))
        .map(document -> KUBERNETES.<HasMetadata>unmarshal(document))
        .toList();
  }

  <T extends HasMetadata> T only(Class<T> type) {
    List<T> found = all(type);
    if (found.size() != 1) {
      throw new AssertionError(found.size() + " of " + type.getSimpleName());
    }
    return found.getFirst();
  }

  <T extends HasMetadata> List<T> all(Class<T> type) {
    return objects().stream().filter(type::isInstance).map(type::cast).toList();
  }

  /** One of a kind that is not Kubernetes's own. */
  JsonNode custom(String kind) {
    List<HasMetadata> found =
        objects().stream().filter(object -> object.getKind().equals(kind)).toList();
    if (found.size() != 1) {
      throw new AssertionError(found.size() + " of " + kind);
    }
    return YAML.readTree(KUBERNETES.asYaml(found.getFirst()));
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

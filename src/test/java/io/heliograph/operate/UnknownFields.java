package io.heliograph.operate;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a typed Kubernetes object could not place: a field of that name does not exist there,
 * and a cluster would drop it or refuse the object.
 */
final class UnknownFields {

  /** The operators' own kinds have no types here; what may stand in them is listed. */
  private static final Map<String, Set<String>> SPECS =
      Map.of(
          "ServiceMonitor", Set.of("selector", "endpoints"),
          "PodMonitor", Set.of("selector", "podMetricsEndpoints"),
          "PrometheusRule", Set.of("groups"),
          "ScaledObject",
              Set.of(
                  "scaleTargetRef",
                  "minReplicaCount",
                  "maxReplicaCount",
                  "pollingInterval",
                  "advanced",
                  "triggers"));

  private final List<String> found = new ArrayList<>();

  private UnknownFields() {}

  static List<String> of(Object object) {
    UnknownFields fields = new UnknownFields();
    fields.look(object.getClass().getSimpleName(), object);
    return fields.found;
  }

  private void look(String place, @Nullable Object value) {
    switch (value) {
      case null -> {}
      case io.fabric8.kubernetes.api.model.GenericKubernetesResource custom -> custom(custom);
      case Collection<?> items -> items.forEach(item -> look(place + "[]", item));
      case Map<?, ?> entries -> entries.values().forEach(entry -> look(place + "{}", entry));
      default -> {
        if (value.getClass().getName().startsWith("io.fabric8.kubernetes.api.model")
            && !value.getClass().isEnum()) {
          fields(place, value);
        }
      }
    }
  }

  private void custom(io.fabric8.kubernetes.api.model.GenericKubernetesResource custom) {
    Set<String> known = SPECS.get(custom.getKind());
    if (known == null || !custom.getAdditionalProperties().keySet().equals(Set.of("spec"))) {
      found.add(custom.getKind() + " " + custom.getAdditionalProperties().keySet());
    } else if (custom.get("spec") instanceof Map<?, ?> spec) {
      spec.keySet().stream()
          .filter(key -> !known.contains(key))
          .forEach(key -> found.add(custom.getKind() + ".spec." + key));
    }
  }

  private void fields(String place, Object value) {
    for (Method method : value.getClass().getMethods()) {
      String name = method.getName();
      if (!name.startsWith("get") || method.getParameterCount() > 0 || name.equals("getClass")) {
        continue;
      }
      try {
        Object field = method.invoke(value);
        if (!name.equals("getAdditionalProperties")) {
          look(place + "." + name.substring(3), field);
        } else if (field instanceof Map<?, ?> unknown && !unknown.isEmpty()) {
          found.add(place + " " + unknown.keySet());
        }
      } catch (ReflectiveOperationException e) {
        throw new LinkageError(place + "." + name, e);
      }
    }
  }
}

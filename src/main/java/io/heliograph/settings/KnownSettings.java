package io.heliograph.settings;

import io.heliograph.problem.UnknownNames;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The names of all settings below {@code heliograph}, read from the configuration metadata that the
 * build generates. In lists and maps {@code *} stands for the index or key.
 */
final class KnownSettings {

  static final String METADATA = "META-INF/spring-configuration-metadata.json";

  private static final Pattern ELEMENT =
      Pattern.compile("java\\.util\\.(?:List|Set|Map)<(?:java\\.lang\\.String,)?([\\w.$]+)>");

  private final List<String> names = new ArrayList<>();
  private final List<Pattern> patterns = new ArrayList<>();
  private final List<Pattern> variables = new ArrayList<>();

  KnownSettings(ClassLoader classes) {
    try (InputStream in = classes.getResourceAsStream(METADATA)) {
      if (in == null) {
        throw new IllegalStateException(
            METADATA
                + " is missing from the class path; build with"
                + " spring-boot-configuration-processor");
      }
      for (JsonNode property : JsonMapper.shared().readTree(in).path("properties")) {
        String name = property.path("name").asString("");
        if (name.startsWith("heliograph.")) {
          add(name, property.path("type").asString(""), classes);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All names, sorted. */
  List<String> names() {
    return names.stream().distinct().sorted().toList();
  }

  private void add(String name, String type, ClassLoader classes) {
    add(name);
    Matcher element = ELEMENT.matcher(type);
    if (element.matches()) {
      add(name + ".*");
      Class<?> kind = ClassUtils.resolveClassName(element.group(1), classes);
      if (kind.isRecord()) {
        addComponents(name + ".*", kind, classes);
      }
    }
  }

  private void addComponents(String prefix, Class<?> kind, ClassLoader classes) {
    for (RecordComponent component : kind.getRecordComponents()) {
      String name = prefix + '.' + kebab(component.getName());
      add(name, component.getGenericType().getTypeName(), classes);
      if (component.getType().isRecord()) {
        addComponents(name, component.getType(), classes);
      }
    }
  }

  private void add(String name) {
    names.add(name);
    patterns.add(Pattern.compile(regex(name.replace("-", ""), "[^.]+")));
    variables.add(Pattern.compile(regex(name.replaceAll("[-.]", ""), ".+")));
  }

  private static String regex(String name, String wildcard) {
    return "\\Q" + name.replace("*", "\\E" + wildcard + "\\Q") + "\\E";
  }

  private static String kebab(String camel) {
    return camel.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(java.util.Locale.ROOT);
  }

  /**
   * @param name in any form that Spring accepts: {@code heliograph.api-keys[0].name}, camel case,
   *     underscores
   */
  boolean knows(String name) {
    String uniform = uniform(name).replace("-", "");
    return patterns.stream().anyMatch(pattern -> pattern.matcher(uniform).matches());
  }

  /**
   * The same for an environment variable, whose name has an underscore for a dot and nothing for a
   * dash.
   */
  boolean knowsVariable(String name) {
    String uniform = name.replace("_", "").toLowerCase(java.util.Locale.ROOT);
    return variables.stream().anyMatch(pattern -> pattern.matcher(uniform).matches());
  }

  /** The known name that was probably meant; null when none is similar. */
  @Nullable String similarTo(String name) {
    String uniform = uniform(name);
    String best = null;
    int least = Math.max(2, uniform.length() / 8) + 1;
    for (String known : new TreeSet<>(names)) {
      int distance = UnknownNames.distance(uniform, filled(known, uniform));
      if (distance < least) {
        least = distance;
        best = filled(known, uniform);
      }
    }
    return best;
  }

  /** The known name with each {@code *} replaced by the other name's part at the same place. */
  private static String filled(String known, String other) {
    String[] parts = known.split("\\.");
    String[] others = other.split("\\.");
    for (int i = 0; i < parts.length && i < others.length; i++) {
      if (parts[i].equals("*")) {
        parts[i] = others[i];
      }
    }
    return String.join(".", parts);
  }

  private static String uniform(String name) {
    return kebab(name)
        .replaceAll("\\[([^\\]]*)\\]", ".$1")
        .replace('_', '-')
        .toLowerCase(java.util.Locale.ROOT);
  }
}

package io.heliograph.settings;

import java.util.Locale;
import org.apache.commons.logging.Log;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.logging.DeferredLogFactory;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;

/**
 * Stops the start when a file, an argument or a system property holds a {@code heliograph.*}
 * setting that does not exist; a misspelt limit would otherwise have no effect. An unknown
 * environment variable is only a warning, because the platform may set some, as Kubernetes does for
 * a service named heliograph.
 */
final class UnknownSettings implements EnvironmentPostProcessor, Ordered {

  private static final String PREFIX = "heliograph.";
  private static final String VARIABLE_PREFIX = "HELIOGRAPH_";

  private final Log log;

  UnknownSettings(DeferredLogFactory logs) {
    this.log = logs.getLog(UnknownSettings.class);
  }

  /** After all files have been read. */
  @Override
  public int getOrder() {
    return Ordered.LOWEST_PRECEDENCE;
  }

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    @Nullable KnownSettings known = null;
    for (PropertySource<?> source : environment.getPropertySources()) {
      if (!(source instanceof EnumerablePropertySource<?> settings)) {
        continue;
      }
      boolean variables =
          source.getName().equals(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);
      for (String name : settings.getPropertyNames()) {
        boolean ours =
            variables ? isOurVariable(name) : name.toLowerCase(Locale.ROOT).startsWith(PREFIX);
        if (!ours) {
          continue;
        }
        if (known == null) {
          known = new KnownSettings(UnknownSettings.class.getClassLoader());
        }
        if (variables && !known.knowsVariable(name)) {
          log.warn(
              "The environment variable "
                  + name
                  + " is not a setting of Heliograph and is ignored");
        } else if (!variables && !known.knows(name)) {
          String meant = known.similarTo(name);
          throw new RefusedSettingException(
              name,
              "is not a setting of Heliograph (set in "
                  + source.getName()
                  + ")"
                  + (meant == null ? "" : "; did you mean " + meant + "?"));
        }
      }
    }
  }

  /**
   * Excludes HELIOGRAPH_KEY, which the documentation exports, and the variables that Kubernetes
   * sets for a service.
   */
  private static boolean isOurVariable(String name) {
    return name.startsWith(VARIABLE_PREFIX)
        && !name.equals("HELIOGRAPH_KEY")
        && !name.matches("HELIOGRAPH_(PORT|SERVICE)(_.*)?");
  }
}

package io.heliograph.broker.redis;

import io.heliograph.broker.BrokerMode;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.AutoConfigurationImportFilter;
import org.springframework.boot.autoconfigure.AutoConfigurationMetadata;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MapPropertySource;

/**
 * Keeps Redis auto-configuration out of a node that works without Redis: no client, no connection,
 * no health check. A node with Redis gets the parts that are used, and its broker's health in
 * readiness.
 */
final class RedisAutoConfigurationFilter
    implements AutoConfigurationImportFilter, EnvironmentAware, EnvironmentPostProcessor {

  private static final String PACKAGE = "org.springframework.boot.data.redis.autoconfigure.";

  /** Never used: the broker subscribes and reports its health itself, without blocking. */
  private static final Set<String> NEVER_USED =
      Set.of(
          PACKAGE + "DataRedisReactiveAutoConfiguration",
          PACKAGE + "DataRedisRepositoriesAutoConfiguration",
          PACKAGE + "DataRedisAnnotationDrivenConfiguration",
          PACKAGE + "health.DataRedisHealthContributorAutoConfiguration",
          PACKAGE + "health.DataRedisReactiveHealthContributorAutoConfiguration");

  private boolean asked;

  @Override
  public void setEnvironment(Environment environment) {
    asked = isAsked(environment);
  }

  private static boolean isAsked(Environment environment) {
    return BrokerMode.of(environment) == BrokerMode.REDIS;
  }

  /** Called for the auto-configurations and, one at a time, for what they import. */
  @Override
  public boolean[] match(
      @Nullable String[] autoConfigurations, AutoConfigurationMetadata metadata) {
    boolean[] match = new boolean[autoConfigurations.length];
    for (int i = 0; i < match.length; i++) {
      String name = autoConfigurations[i];
      match[i] = name == null || !name.startsWith(PACKAGE) || (asked && !NEVER_USED.contains(name));
    }
    return match;
  }

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    if (isAsked(environment)) {
      // Last in order, so that explicit settings win.
      environment
          .getPropertySources()
          .addLast(
              new MapPropertySource(
                  "heliograph-redis",
                  Map.of(
                      "management.endpoint.health.group.readiness.include", "readinessState,broker",
                      "spring.data.redis.lettuce.cluster.refresh.adaptive", "true",
                      "spring.data.redis.lettuce.cluster.refresh.period", "30s")));
    }
  }
}

package io.heliograph.broker;

import io.heliograph.settings.RefusedSettingException;
import java.util.Locale;
import org.springframework.core.env.Environment;

/** Which broker a node works with: the setting {@code heliograph.broker}, in any case. */
public enum BrokerMode {
  /** One node, without a server beside it. */
  MEMORY,
  /** Many nodes, joined by a Redis server or cluster. */
  REDIS;

  private static final String SETTING = "heliograph.broker";

  /**
   * @throws RefusedSettingException when the setting names no broker
   */
  public static BrokerMode of(Environment environment) {
    String value = environment.getProperty(SETTING, "memory").strip();
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "memory" -> MEMORY;
      case "redis" -> REDIS;
      default ->
          throw new RefusedSettingException(
              SETTING, "is \"" + value + "\", but must be memory or redis");
    };
  }
}

package io.heliograph.broker.redis;

import java.time.Duration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Part of readiness, never of liveness: a node without Redis is not to be started again but to be
 * left waiting.
 */
final class BrokerHealth implements HealthIndicator {

  private final RedisConnections lines;
  private final Duration unreadyAfter;

  BrokerHealth(RedisConnections lines, Duration unreadyAfter) {
    this.lines = lines;
    this.unreadyAfter = unreadyAfter;
  }

  /**
   * Down until the first contact; afterwards when Redis is away for longer than a fail-over takes.
   */
  @Override
  public Health health() {
    boolean ready = lines.hadContact() && lines.away().compareTo(unreadyAfter) <= 0;
    return (ready ? Health.up() : Health.down()).build();
  }
}

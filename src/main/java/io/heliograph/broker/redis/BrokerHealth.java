package io.heliograph.broker.redis;

import io.heliograph.redis.RedisConnections;
import java.time.Duration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Part of readiness, never of liveness: restarting a node does not bring Redis back. */
final class BrokerHealth implements HealthIndicator {

  private final RedisConnections connections;
  private final Duration unreadyAfter;

  BrokerHealth(RedisConnections connections, Duration unreadyAfter) {
    this.connections = connections;
    this.unreadyAfter = unreadyAfter;
  }

  /**
   * Down until the first contact, and later when Redis is away for longer than a fail-over takes.
   */
  @Override
  public Health health() {
    boolean ready = connections.hadContact() && connections.away().compareTo(unreadyAfter) <= 0;
    return (ready ? Health.up() : Health.down()).build();
  }
}

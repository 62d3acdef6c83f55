package io.heliograph.server;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.Assert;

/**
 * Limits on connections that have not completed their first request.
 *
 * @param handshakeTimeout how long a new connection may take to send its first request head
 * @param halfOpenPerAddress how many connections per address may be without a complete first
 *     request; 0 means no limit
 * @param handshakesWaiting how many WebSocket handshakes may queue after their heads were read;
 *     further ones are answered 503
 */
@ConfigurationProperties("heliograph.websocket")
public record AdmissionProperties(
    @DefaultValue("10s") Duration handshakeTimeout,
    @DefaultValue("1000") int halfOpenPerAddress,
    @DefaultValue("10000") int handshakesWaiting) {

  private static final String PREFIX = "heliograph.websocket.";

  public AdmissionProperties {
    Assert.isTrue(handshakeTimeout.toMillis() > 0, PREFIX + "handshake-timeout must be positive");
    Assert.isTrue(halfOpenPerAddress >= 0, PREFIX + "half-open-per-address must not be negative");
    Assert.isTrue(handshakesWaiting > 0, PREFIX + "handshakes-waiting must be positive");
  }
}

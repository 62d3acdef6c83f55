package io.heliograph.transport.websocket;

import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.Assert;
import org.springframework.util.unit.DataSize;

/**
 * The settings of the way in for browsers.
 *
 * @param path where browsers connect
 * @param maxFrame the most that a message from a browser may have; a longer one closes with 1009
 * @param allowedOrigins origins whose pages may connect, exactly as browsers send them; empty: only
 *     pages of this server's own origin
 * @param closeTimeout how long a browser may take to answer a close before its line is cut
 */
@ConfigurationProperties("heliograph.websocket")
public record WebSocketProperties(
    @DefaultValue("/ws") String path,
    @DefaultValue("8KB") DataSize maxFrame,
    @DefaultValue List<String> allowedOrigins,
    @DefaultValue("5s") Duration closeTimeout) {

  private static final String PREFIX = "heliograph.websocket.";

  public WebSocketProperties {
    Assert.isTrue(path.startsWith("/"), PREFIX + "path must begin with a slash");
    Assert.isTrue(
        maxFrame.toBytes() >= 125 && maxFrame.toBytes() <= Integer.MAX_VALUE / 2,
        PREFIX + "max-frame must be between 125B and 1GB");
    Assert.isTrue(closeTimeout.toMillis() > 0, PREFIX + "close-timeout must be positive");
    for (String origin : allowedOrigins) {
      // A wildcard would hand every site its visitors' sessions; whoever wants that must list the
      // sites.
      Assert.isTrue(
          Origin.parse(origin) != null,
          () -> PREFIX + "allowed-origins: not an origin like https://example.org: " + origin);
    }
    allowedOrigins = List.copyOf(allowedOrigins);
  }
}

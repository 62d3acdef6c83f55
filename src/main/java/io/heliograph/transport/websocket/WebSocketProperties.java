package io.heliograph.transport.websocket;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.Assert;
import org.springframework.util.unit.DataSize;

/**
 * The settings of the way in for browsers.
 *
 * @param path where browsers connect
 * @param maxFrame the most that a message from a browser may have; a longer one closes with 1009
 * @param closeTimeout how long a browser may take to answer a close before its line is cut
 * @param maxDiscarded the most that a browser may send after our close before it answers; more cut
 *     its connection
 * @param sendBuffer the kernel's buffer for what a browser has not taken yet; larger ones hide for
 *     longer that a slow browser does read
 */
@ConfigurationProperties("heliograph.websocket")
public record WebSocketProperties(
    @DefaultValue("/ws") String path,
    @DefaultValue("8KB") DataSize maxFrame,
    @DefaultValue("5s") Duration closeTimeout,
    @DefaultValue("8MB") DataSize maxDiscarded,
    @DefaultValue("64KB") DataSize sendBuffer) {

  private static final String PREFIX = "heliograph.websocket.";

  public WebSocketProperties {
    Assert.isTrue(path.startsWith("/"), PREFIX + "path must begin with a slash");
    Assert.isTrue(
        maxFrame.toBytes() >= 125 && maxFrame.toBytes() <= Integer.MAX_VALUE / 2,
        PREFIX + "max-frame must be between 125B and 1GB");
    Assert.isTrue(closeTimeout.toMillis() > 0, PREFIX + "close-timeout must be positive");
    Assert.isTrue(!maxDiscarded.isNegative(), PREFIX + "max-discarded must be 0 or more");
    Assert.isTrue(
        sendBuffer.toBytes() >= 4096 && sendBuffer.toBytes() <= Integer.MAX_VALUE / 4,
        PREFIX + "send-buffer must be between 4KB and 512MB");
  }
}

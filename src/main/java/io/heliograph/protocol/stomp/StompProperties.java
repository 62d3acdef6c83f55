package io.heliograph.protocol.stomp;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.Assert;

/**
 * STOMP over WebSocket.
 *
 * @param enabled whether clients may connect
 * @param path where they connect
 */
@ConfigurationProperties("heliograph.stomp")
record StompProperties(@DefaultValue("true") boolean enabled, @DefaultValue("/stomp") String path) {

  StompProperties {
    Assert.isTrue(path.startsWith("/"), "heliograph.stomp.path must begin with a slash");
  }
}

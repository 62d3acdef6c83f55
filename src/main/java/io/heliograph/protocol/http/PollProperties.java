package io.heliograph.protocol.http;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.Assert;

/**
 * Long polling.
 *
 * @param enabled whether clients may poll
 * @param path where
 */
@ConfigurationProperties("heliograph.poll")
public record PollProperties(
    @DefaultValue("true") boolean enabled, @DefaultValue("/poll") String path) {

  public PollProperties {
    Assert.isTrue(path.startsWith("/"), "heliograph.poll.path must begin with a slash");
  }
}

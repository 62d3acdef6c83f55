package io.heliograph.protocol.http;

import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.Assert;
import org.springframework.validation.annotation.Validated;

/**
 * Server-Sent Events.
 *
 * @param enabled whether clients may open event streams
 * @param path where; the cookie of the token is set below it
 * @param lifetime after about this time a stream is asked to come back; each one's own is up to 20
 *     % shorter or longer. Shorter than that of sockets, because of a stream whose client vanished
 *     without a word the kernel knows for about as long
 */
@Validated
@ConfigurationProperties("heliograph.events")
public record EventsProperties(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("/events") String path,
    @DefaultValue("15m") @DurationMin(seconds = 1) Duration lifetime) {

  public EventsProperties {
    Assert.isTrue(path.startsWith("/"), "heliograph.events.path must begin with a slash");
  }
}

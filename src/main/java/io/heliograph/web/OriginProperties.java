package io.heliograph.web;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.Assert;

/**
 * The allowed origins.
 *
 * @param allowedOrigins origins whose pages may connect and log in, besides this service's own
 */
@ConfigurationProperties("heliograph.websocket")
public record OriginProperties(@DefaultValue List<String> allowedOrigins) {

  public OriginProperties {
    for (String origin : allowedOrigins) {
      // Wildcards are refused: with one, any site could use its visitors' sessions.
      Assert.isTrue(
          Origin.parse(origin) != null,
          () ->
              "heliograph.websocket.allowed-origins must be origins such as https://example.org,"
                  + " but one is "
                  + origin);
    }
    allowedOrigins = List.copyOf(allowedOrigins);
  }
}

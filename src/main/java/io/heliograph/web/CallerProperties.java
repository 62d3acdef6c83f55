package io.heliograph.web;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.Assert;

/**
 * How a request's client address and host are determined.
 *
 * @param trustedProxies number of proxies that every request passes; the client's address is that
 *     many entries from the right in X-Forwarded-For or Forwarded. 0: all forwarding headers are
 *     ignored
 * @param hosts host names of this service, without ports; requests for other hosts are answered
 *     with 421. Empty: any host
 */
@ConfigurationProperties("heliograph.server")
public record CallerProperties(
    @DefaultValue("0") int trustedProxies, @DefaultValue List<String> hosts) {

  private static final Pattern HOST =
      Pattern.compile("[a-z0-9]([a-z0-9._-]*[a-z0-9])?|\\[[0-9a-f:.]+]");

  public CallerProperties {
    Assert.isTrue(
        trustedProxies >= 0 && trustedProxies <= 10,
        "heliograph.server.trusted-proxies must be 0 to 10, but is " + trustedProxies);
    hosts = hosts.stream().map(host -> host.toLowerCase(Locale.ROOT)).toList();
    for (String host : hosts) {
      Assert.isTrue(
          HOST.matcher(host).matches(),
          () ->
              "heliograph.server.hosts must be host names without scheme and port, such as"
                  + " push.example.com, but one is "
                  + host);
    }
  }
}

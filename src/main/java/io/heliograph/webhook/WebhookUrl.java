package io.heliograph.webhook;

import io.heliograph.settings.RefusedSettingException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The URL of an endpoint. It comes from the settings only, never from a request, and is https
 * unless its host may be internal.
 *
 * @param internal whether the host may resolve to an address that is not public
 */
public record WebhookUrl(URI uri, boolean internal) {

  /**
   * Resolvers accept numbers as addresses, and differ in how they read them: {@code 0177.0.0.1},
   * {@code 0x7f.1}, {@code 2130706433}. A host ends in a number if its last label is one (WHATWG
   * URL, section 3.5).
   */
  private static final Pattern ENDS_IN_NUMBER =
      Pattern.compile("(?:.*\\.)?(?:[0-9]+|0[xX][0-9A-Fa-f]*)\\.?");

  private static final String OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";

  private static final Pattern IPV4 = Pattern.compile("(?:" + OCTET + "\\.){3}" + OCTET);

  /**
   * Reads a setting.
   *
   * @param name of the setting, for the exception
   * @param allowInternal host names that may resolve to internal addresses
   * @throws RefusedSettingException which names the setting
   */
  public static WebhookUrl parse(String name, String text, Set<String> allowInternal) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      // Its message quotes the value, which may hold a password.
      throw new RefusedSettingException(name, "is not a URL; expected is https://host/path");
    }
    String host = uri.getHost();
    if (host == null || uri.getScheme() == null) {
      throw new RefusedSettingException(name, "has no host; expected is https://host/path");
    }
    if (uri.getRawUserInfo() != null || uri.getRawFragment() != null) {
      throw new RefusedSettingException(name, "must not have a user, a password or a fragment");
    }
    if (ENDS_IN_NUMBER.matcher(host).matches() && !IPV4.matcher(host).matches()) {
      throw new RefusedSettingException(
          name,
          "has a numeric host; an IPv4 address must be four decimal numbers without leading"
              + " zeros");
    }
    boolean internal =
        allowInternal.stream().anyMatch(allowed -> allowed.equalsIgnoreCase(bare(host)));
    if (!internal
        && isLiteral(host)
        && !PublicAddresses.contain(InetAddress.ofLiteral(bare(host)))) {
      throw new RefusedSettingException(
          name, "is not a public address; internal hosts must be listed in allow-internal");
    }
    switch (uri.getScheme().toLowerCase(Locale.ROOT)) {
      case "https" -> {}
      case "http" -> {
        if (!internal) {
          throw new RefusedSettingException(
              name,
              "is http, but must be https; only hosts in allow-internal are called without TLS");
        }
      }
      default -> throw new RefusedSettingException(name, "must begin with https://");
    }
    return new WebhookUrl(uri, internal);
  }

  private static boolean isLiteral(String host) {
    return host.startsWith("[") || IPV4.matcher(host).matches();
  }

  /** An IPv6 address without its brackets. */
  static String bare(String host) {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }
}

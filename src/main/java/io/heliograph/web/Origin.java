package io.heliograph.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A web site (RFC 6454): scheme, host and port, compared as a whole. {@code ws} is {@code http},
 * {@code wss} is {@code https}, the port is always there, and the host has one spelling.
 */
public record Origin(String scheme, String host, int port) {

  private static final Pattern FORM =
      Pattern.compile("(?i)(https?|wss?)://([a-z0-9._-]+|\\[[0-9a-f:.]+])(?::([0-9]{1,5}))?");

  static @Nullable Origin of(String scheme, String host, int port) {
    return parse(scheme + "://" + host + (port > 0 ? ":" + port : ""));
  }

  /** Reads the serialized form; null for anything else, the opaque origin {@code null} included. */
  public static @Nullable Origin parse(String text) {
    Matcher parts = FORM.matcher(text);
    if (!parts.matches()) {
      return null;
    }
    String scheme = parts.group(1).toLowerCase(Locale.ROOT).replace("ws", "http");
    String host = parts.group(2).toLowerCase(Locale.ROOT);
    if (host.startsWith("[")) {
      ClientAddress address = ClientAddress.parse(host);
      if (address == null) {
        return null;
      }
      host = '[' + address.text() + ']';
    }
    int port = parts.group(3) == null ? defaultPort(scheme) : Integer.parseInt(parts.group(3));
    return port < 1 || port > 65_535 ? null : new Origin(scheme, host, port);
  }

  /**
   * The origin of this service as the request's sender sees it: its own scheme and {@code Host}, or
   * what trusted proxies say, see {@link CallerProperties}.
   *
   * @return null when the request names no host, as HTTP/1.0 may
   */
  public static @Nullable Origin own(HttpServletRequest request) {
    return request.getHeader("Host") == null
        ? null
        : of(request.getScheme(), request.getServerName(), request.getServerPort());
  }

  /** Host and port, the port only where it is not the scheme's. */
  public String authority() {
    return port == defaultPort(scheme) ? host : host + ':' + port;
  }

  /** The serialized form, as browsers send it. */
  public String text() {
    return scheme + "://" + authority();
  }

  private static int defaultPort(String scheme) {
    return scheme.equals("https") ? 443 : 80;
  }

  @Override
  public String toString() {
    return text();
  }
}

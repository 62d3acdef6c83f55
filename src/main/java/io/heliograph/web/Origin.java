package io.heliograph.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A web origin (RFC 6454): scheme, host and port. Normalized for comparison: {@code ws} becomes
 * {@code http}, {@code wss} becomes {@code https}, the port is explicit, the host is in lower case.
 */
public record Origin(String scheme, String host, int port) {

  private static final Pattern FORM =
      Pattern.compile("(?i)(https?|wss?)://([a-z0-9._-]+|\\[[0-9a-f:.]+])(?::([0-9]{1,5}))?");

  static @Nullable Origin of(String scheme, String host, int port) {
    return parse(scheme + "://" + host + (port > 0 ? ":" + port : ""));
  }

  /**
   * Parses the serialized form; null for anything else, including the opaque origin {@code null}.
   */
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
   * The origin of this service as the client addressed it: the request's scheme and {@code Host},
   * or those that trusted proxies report, see {@link CallerProperties}.
   *
   * @return null when the request has no Host header (HTTP/1.0)
   */
  public static @Nullable Origin own(HttpServletRequest request) {
    return request.getHeader("Host") == null
        ? null
        : of(request.getScheme(), request.getServerName(), request.getServerPort());
  }

  /** Host and port; the port only if it is not the scheme's default. */
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

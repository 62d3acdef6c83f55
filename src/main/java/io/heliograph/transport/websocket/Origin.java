package io.heliograph.transport.websocket;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The site whose page opens a socket (RFC 6454): scheme, host and port, compared as a whole. */
record Origin(String scheme, String host, int port) {

  static Origin of(String scheme, String host, int port) {
    String lowerScheme = scheme.toLowerCase(Locale.ROOT);
    int effectivePort = port > 0 ? port : lowerScheme.equals("https") ? 443 : 80;
    return new Origin(lowerScheme, host.toLowerCase(Locale.ROOT), effectivePort);
  }

  /** Reads the serialized form; null for anything else, the opaque origin {@code null} included. */
  static @Nullable Origin parse(String text) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      return null;
    }
    String scheme = uri.getScheme();
    String host = uri.getHost();
    boolean web = "http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme);
    if (!web || scheme == null || host == null) {
      return null;
    }
    boolean bare =
        uri.getRawPath().isEmpty()
            && uri.getRawQuery() == null
            && uri.getRawFragment() == null
            && uri.getRawUserInfo() == null;
    return bare ? of(scheme, host, uri.getPort()) : null;
  }
}

package io.heliograph.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The token in a client's {@code Authorization: Bearer}. */
public final class BearerToken {

  private static final String SCHEME = "Bearer ";

  private BearerToken() {}

  /**
   * The token; null when no header has this scheme, because browsers add other schemes by
   * themselves for a proxy. Empty, which no token is, when there are several headers, because a
   * proxy may have checked another one.
   */
  public static @Nullable String of(HttpServletRequest request) {
    List<String> values = Collections.list(request.getHeaders("Authorization"));
    for (String value : values) {
      if (value.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
        return values.size() == 1 ? value.substring(SCHEME.length()).strip() : "";
      }
    }
    return null;
  }
}

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
   * What the header holds; null when there is none of this scheme: what is there may be a proxy's,
   * which the browser adds by itself. Empty, which is no token, when there is more than one header:
   * a proxy in between may have looked at the other one.
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

package io.heliograph.protocol.http;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;

/**
 * The cookie with a page's browser token, because an EventSource can set no header. It opens
 * reading alone: no request with an effect looks at it. Scripts cannot read it, and browsers send
 * it with no request that another site causes.
 */
final class TokenCookie {

  private static final String NAME = "heliograph-token";

  private final List<String> paths;

  /**
   * @param paths what looks at the cookie
   */
  TokenCookie(List<String> paths) {
    this.paths = List.copyOf(paths);
  }

  /** Null when there is none; empty, which is no token, when there are several. */
  static @Nullable String of(HttpServletRequest request) {
    Cookie[] cookies = request.getCookies();
    String token = null;
    for (Cookie cookie : cookies == null ? new Cookie[0] : cookies) {
      if (cookie.getName().equals(NAME)) {
        token = token == null ? cookie.getValue() : "";
      }
    }
    return token;
  }

  void set(HttpServletRequest request, HttpServletResponse response, String token, Duration rest) {
    for (String path : paths) {
      response.addHeader(
          HttpHeaders.SET_COOKIE,
          ResponseCookie.from(NAME, token)
              .path(request.getContextPath() + path)
              .httpOnly(true)
              .secure(request.isSecure())
              .sameSite("Strict")
              .maxAge(rest)
              .build()
              .toString());
    }
  }

  void remove(HttpServletRequest request, HttpServletResponse response) {
    set(request, response, "", Duration.ZERO);
  }
}

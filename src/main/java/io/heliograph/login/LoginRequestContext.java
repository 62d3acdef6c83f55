package io.heliograph.login;

import io.heliograph.login.BrowserLogins.Asker;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseCookie;

/**
 * What a request tells about who makes it: the browser's cookie, its page's origin, its place, its
 * name.
 */
final class LoginRequestContext {

  static final String COOKIE = "__Host-qrb";

  private static final String BEARER = "Bearer ";
  private static final int MAX_LABEL = 64;
  private static final List<String> BROWSERS = List.of("Edg", "OPR", "Firefox", "Chrome", "Safari");
  private static final List<String> SYSTEMS =
      List.of("Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux");

  private final LoginProperties properties;
  private final Set<String> allowedOrigins;

  LoginRequestContext(LoginProperties properties, Set<String> allowedOrigins) {
    this.properties = properties;
    this.allowedOrigins = allowedOrigins;
  }

  /** Programs send no origin; pages cannot leave it out, and those of other sites may not call. */
  void requireOrigin(HttpServletRequest request) {
    String origin = request.getHeader("Origin");
    if (origin != null && !origin.equals(own(request)) && !allowedOrigins.contains(origin)) {
      throw new ProblemException(
          ProblemType.ORIGIN_NOT_ALLOWED, "Pages of this origin may not ask for a login.");
    }
    if (origin == null && "cross-site".equals(request.getHeader("Sec-Fetch-Site"))) {
      throw new ProblemException(
          ProblemType.ORIGIN_NOT_ALLOWED, "Pages of other sites may not ask for a login.");
    }
  }

  private static String own(HttpServletRequest request) {
    return request.getScheme() + "://" + request.getHeader("Host");
  }

  static @Nullable String bearer(HttpServletRequest request) {
    String header = request.getHeader("Authorization");
    return header != null && header.regionMatches(true, 0, BEARER, 0, BEARER.length())
        ? header.substring(BEARER.length()).strip()
        : null;
  }

  static @Nullable String cookie(HttpServletRequest request) {
    Cookie[] cookies = request.getCookies();
    if (cookies != null) {
      for (Cookie cookie : cookies) {
        if (cookie.getName().equals(COOKIE)
            && BearerSecrets.FORM.matcher(cookie.getValue()).matches()) {
          return cookie.getValue();
        }
      }
    }
    return null;
  }

  /**
   * Kept as long as the longest login, and over http only to loopback, where browsers take it as
   * secure too.
   */
  static ResponseCookie cookieHeader(String value) {
    return ResponseCookie.from(COOKIE, value)
        .httpOnly(true)
        .secure(true)
        .sameSite("Strict")
        .path("/")
        .maxAge(Duration.ofHours(1))
        .build();
  }

  /** A known cookie is kept, so that two open pages of one browser do not rob each other. */
  Asker asker(HttpServletRequest request, @Nullable String label) {
    String known = cookie(request);
    String fetchSite = request.getHeader("Sec-Fetch-Site");
    boolean bound =
        known != null || "same-origin".equals(fetchSite) || "same-site".equals(fetchSite);
    String origin = request.getHeader("Origin");
    URI base = base(request);
    String site = origin == null ? base.getAuthority() : URI.create(origin).getAuthority();
    return new Asker(
        known == null ? BearerSecrets.make() : known,
        bound,
        clean(label),
        browser(request.getHeader("User-Agent")),
        place(request),
        site,
        base);
  }

  private URI base(HttpServletRequest request) {
    URI configured = properties.publicBaseUrl();
    String text = configured == null ? own(request) : configured.toString();
    return URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
  }

  Place place(HttpServletRequest request) {
    return new Place(
        request.getRemoteAddr(),
        header(request, properties.countryHeader()),
        header(request, properties.cityHeader()));
  }

  private static @Nullable String header(HttpServletRequest request, @Nullable String name) {
    String value = name == null ? null : request.getHeader(name);
    return value == null ? null : clean(value);
  }

  /** Shown on a phone as what it is, a claim; so nothing in it may turn, hide or break the line. */
  static String clean(@Nullable String text) {
    if (text == null) {
      return "";
    }
    StringBuilder kept = new StringBuilder();
    text.codePoints()
        .filter(c -> Character.isLetterOrDigit(c) || c == ' ' || ".,-_()/:'".indexOf(c) >= 0)
        .limit(MAX_LABEL)
        .forEach(kept::appendCodePoint);
    return kept.toString().strip();
  }

  private static String browser(@Nullable String userAgent) {
    if (userAgent == null) {
      return "";
    }
    String name = BROWSERS.stream().filter(userAgent::contains).findFirst().orElse("");
    String system = SYSTEMS.stream().filter(userAgent::contains).findFirst().orElse("");
    String shown = name.equals("Edg") ? "Edge" : name.equals("OPR") ? "Opera" : name;
    return shown.isEmpty() || system.isEmpty() ? shown + system : shown + ", " + system;
  }
}

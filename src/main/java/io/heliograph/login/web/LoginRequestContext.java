package io.heliograph.login.web;

import io.heliograph.client.Admission;
import io.heliograph.login.BearerSecrets;
import io.heliograph.login.BrowserLogins.Requester;
import io.heliograph.login.LoginProperties;
import io.heliograph.login.Place;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import io.heliograph.web.ClientAddress;
import io.heliograph.web.Origin;
import io.heliograph.web.OriginPolicy;
import io.heliograph.web.OriginPolicy.Verdict;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseCookie;

/**
 * Reads from a request what a login needs to know of its caller: the browser's cookie, the page's
 * origin, location and label.
 */
public final class LoginRequestContext {

  public static final String COOKIE = "__Host-qrb";

  private static final String BEARER = "Bearer ";
  private static final int MAX_LABEL = 64;
  private static final List<String> BROWSERS = List.of("Edg", "OPR", "Firefox", "Chrome", "Safari");
  private static final List<String> SYSTEMS =
      List.of("Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux");

  private final LoginProperties properties;
  private final OriginPolicy origins;
  private final Admission admission;

  LoginRequestContext(LoginProperties properties, OriginPolicy origins, Admission admission) {
    this.properties = properties;
    this.origins = origins;
    this.admission = admission;
  }

  /**
   * A new login counts as a new client, which {@link Admission} may also refuse for other reasons.
   */
  void requireAdmission(HttpServletRequest request) {
    requireOrigin(request);
    Admission.Refused refused = admission.refusal(origins.judge(request));
    if (refused != null) {
      var problem = new ProblemException(refused.problem(), refused.detail());
      throw refused.retryAfter() == null ? problem : problem.retryAfter(refused.retryAfter());
    }
  }

  /**
   * Refuses pages of other sites. Browsers send an Origin with such calls; clients that are not
   * browsers send none.
   */
  void requireOrigin(HttpServletRequest request) {
    Verdict verdict = origins.judge(request);
    boolean crossSite = "cross-site".equals(request.getHeader("Sec-Fetch-Site"));
    if (verdict == Verdict.FOREIGN || (verdict == Verdict.NO_ORIGIN && crossSite)) {
      throw new ProblemException(ProblemType.ORIGIN_NOT_ALLOWED, Admission.FOREIGN_PAGE);
    }
  }

  /** The key by which limits count the caller. */
  static String network(HttpServletRequest request) {
    return ClientAddress.of(request).network();
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
   * The cookie lives as long as the longest login. Over http it is set only for loopback, which
   * browsers treat as secure.
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

  /**
   * An existing cookie is kept, so that two open pages of one browser do not overwrite each
   * other's.
   */
  Requester requester(HttpServletRequest request, @Nullable String label) {
    String known = cookie(request);
    // A page of another origin may omit cookies from its calls, so there the login is bound only if
    // the request had one.
    boolean bound = known != null || "same-origin".equals(request.getHeader("Sec-Fetch-Site"));
    String header = request.getHeader("Origin");
    Origin page = header == null ? null : Origin.parse(header);
    URI base = base(request);
    return new Requester(
        known == null ? BearerSecrets.make() : known,
        bound,
        clean(label),
        browser(request.getHeader("User-Agent")),
        place(request),
        page == null ? base.getAuthority() : page.authority(),
        base);
  }

  private URI base(HttpServletRequest request) {
    URI configured = properties.publicBaseUrl();
    if (configured != null) {
      String text = configured.toString();
      return URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
    }
    Origin own = Origin.own(request);
    if (own == null) {
      throw ProblemException.invalid(
          "Host",
          "is missing; without heliograph.login.public-base-url the address in the QR code is made"
              + " from it");
    }
    return URI.create(own.text());
  }

  Place place(HttpServletRequest request) {
    return new Place(
        ClientAddress.of(request).text(),
        header(request, properties.countryHeader()),
        header(request, properties.cityHeader()));
  }

  private static @Nullable String header(HttpServletRequest request, @Nullable String name) {
    String value = name == null ? null : request.getHeader(name);
    return value == null ? null : clean(value);
  }

  /**
   * Cleans a label that the phone shows as the browser's claim: no characters that reverse, hide or
   * break text.
   */
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

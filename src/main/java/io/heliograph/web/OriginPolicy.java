package io.heliograph.web;

import io.github.bucket4j.Bucket;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.Enumeration;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Decides whether a request is addressed to this service and whether its page's origin is allowed,
 * for WebSockets, logins and CORS alike. Pages of this service's own origin are always allowed;
 * {@code heliograph.websocket.allowed-origins} adds others.
 */
@Component
public class OriginPolicy {

  /** The classification of a request by its headers {@code Host} and {@code Origin}. */
  public enum Verdict {
    /** No Origin header: not a browser, or a browser's plain GET. */
    NO_ORIGIN,
    OWN,
    ALLOWED,
    FOREIGN,
    /** The host is not in {@code heliograph.server.hosts}. */
    WRONG_HOST;

    /** Whether it is a page of an allowed origin. */
    public boolean isWelcomePage() {
      return this == OWN || this == ALLOWED;
    }
  }

  private static final Logger log = LoggerFactory.getLogger(OriginPolicy.class);
  private static final String ATTRIBUTE = OriginPolicy.class.getName();
  private static final int LINES_A_MINUTE = 10;
  private static final int MOST_LOGGED = 200;

  private final Set<Origin> allowed;
  private final Set<String> hosts;

  /** Limits the log lines about refused requests, because callers may repeat them at once. */
  private final Bucket lines =
      Bucket.builder()
          .addLimit(
              limit ->
                  limit
                      .capacity(LINES_A_MINUTE)
                      .refillGreedy(LINES_A_MINUTE, Duration.ofMinutes(1)))
          .build();

  OriginPolicy(OriginProperties origins, CallerProperties callers) {
    this.allowed =
        origins.allowedOrigins().stream()
            .map(Origin::parse)
            .filter(Objects::nonNull)
            .collect(Collectors.toUnmodifiableSet());
    this.hosts = Set.copyOf(callers.hosts());
  }

  /**
   * Classifies a request. A refusal is logged once per request, with the settings that would allow
   * it.
   */
  public Verdict judge(HttpServletRequest request) {
    if (request.getAttribute(ATTRIBUTE) instanceof Verdict known) {
      return known;
    }
    Verdict verdict = isForUs(request) ? compare(request) : Verdict.WRONG_HOST;
    request.setAttribute(ATTRIBUTE, verdict);
    if (verdict == Verdict.FOREIGN && lines.tryConsume(1)) {
      Origin own = Origin.own(request);
      log.warn(
          "Origin {} refused: it differs from the own origin {} (scheme and Host of this request)."
              + " To allow it, add it to heliograph.websocket.allowed-origins; if a proxy changes"
              + " host or scheme, set heliograph.server.trusted-proxies",
          printable(request.getHeader("Origin")),
          own == null ? "unknown" : own);
    }
    return verdict;
  }

  private Verdict compare(HttpServletRequest request) {
    Enumeration<String> values = request.getHeaders("Origin");
    if (!values.hasMoreElements()) {
      // A GET to a page's own origin has no Origin header, but Sec-Fetch-Site, which pages cannot
      // set.
      return request.getMethod().equals("GET")
              && "same-origin".equals(request.getHeader("Sec-Fetch-Site"))
          ? Verdict.OWN
          : Verdict.NO_ORIGIN;
    }
    Origin origin = Origin.parse(values.nextElement());
    if (origin == null || values.hasMoreElements()) {
      return Verdict.FOREIGN;
    }
    if (origin.equals(Origin.own(request))) {
      return Verdict.OWN;
    }
    return allowed.contains(origin) ? Verdict.ALLOWED : Verdict.FOREIGN;
  }

  /**
   * Whether the request's host is one of this service's names. Without this check, a page of any
   * host name that resolves to this address (DNS rebinding) would have this service's own origin.
   */
  boolean isForUs(HttpServletRequest request) {
    if (hosts.isEmpty()) {
      return true;
    }
    Origin own = Origin.own(request);
    String host = own == null ? "" : own.host();
    boolean ours = hosts.contains(host.endsWith(".") ? host.substring(0, host.length() - 1) : host);
    if (!ours && lines.tryConsume(1)) {
      log.warn(
          "Request for the host {} refused: it is not in heliograph.server.hosts",
          printable(own == null ? request.getHeader("Host") : host));
    }
    return ours;
  }

  /** Makes text of an unauthenticated caller safe for the log, so that it cannot forge lines. */
  private static String printable(@Nullable String text) {
    String shown = String.valueOf(text);
    return shown
        .substring(0, Math.min(shown.length(), MOST_LOGGED))
        .replaceAll("[^\\x21-\\x7e]", "?");
  }
}

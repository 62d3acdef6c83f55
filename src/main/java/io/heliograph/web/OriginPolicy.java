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
 * Decides whether a request is meant for this service and whether its page may call: the one
 * comparison of origins for sockets, logins and CORS. A page of this service's own origin always
 * may; {@code heliograph.websocket.allowed-origins} adds others.
 */
@Component
public class OriginPolicy {

  /** What the headers {@code Host} and {@code Origin} of a request say. */
  public enum Verdict {
    /** No Origin: a program, or a page's plain GET in a browser that does not say from where. */
    NO_ORIGIN,
    OWN,
    ALLOWED,
    FOREIGN,
    /** The host is none of {@code heliograph.server.hosts}, whatever the origin. */
    WRONG_HOST;

    /** A page that may call. */
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

  /** Limits the log lines about refused callers, who may repeat their request at once. */
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

  /** Refusals are logged, with what to change; once a request, however often it is judged. */
  public Verdict judge(HttpServletRequest request) {
    if (request.getAttribute(ATTRIBUTE) instanceof Verdict known) {
      return known;
    }
    Verdict verdict = isForUs(request) ? compare(request) : Verdict.WRONG_HOST;
    request.setAttribute(ATTRIBUTE, verdict);
    if (verdict == Verdict.FOREIGN && lines.tryConsume(1)) {
      Origin own = Origin.own(request);
      log.warn(
          "Origin {} refused: pages of {} may call, by this request's Host and scheme. To allow it"
              + " add it to heliograph.websocket.allowed-origins; if a proxy changes host or scheme"
              + " set heliograph.server.trusted-proxies",
          printable(request.getHeader("Origin")),
          own == null ? "no origin" : own);
    }
    return verdict;
  }

  private Verdict compare(HttpServletRequest request) {
    Enumeration<String> values = request.getHeaders("Origin");
    if (!values.hasMoreElements()) {
      // A page's GET of its own origin has no Origin. Browsers say so here, and let no page set it.
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
   * Whether the request's host is one of this service's names. Without it a page of any name that
   * leads to this address (DNS rebinding) would be of this service's own origin.
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
          "Request for the host {} refused: it is none of heliograph.server.hosts",
          printable(own == null ? request.getHeader("Host") : host));
    }
    return ours;
  }

  /** Makes text of an unauthenticated caller safe for the log, so that it cannot forge a line. */
  private static String printable(@Nullable String text) {
    String shown = String.valueOf(text);
    return shown
        .substring(0, Math.min(shown.length(), MOST_LOGGED))
        .replaceAll("[^\\x21-\\x7e]", "?");
  }
}

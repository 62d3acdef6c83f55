package io.heliograph.web;

import io.heliograph.message.Ids;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Gives each request an id before anything else sees it. It is always made here: one taken from the
 * caller would let the caller write into our log. It stands in the header {@code X-Request-Id}, in
 * problems as {@code instance}, and in log lines as {@code requestId}.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
public class RequestId extends OncePerRequestFilter {

  public static final String HEADER = "X-Request-Id";

  private static final String ATTRIBUTE = RequestId.class.getName();

  private final Clock clock;

  RequestId(Clock clock) {
    this.clock = clock;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String id =
        request.getAttribute(ATTRIBUTE) instanceof String known ? known : Ids.v7(clock.instant());
    request.setAttribute(ATTRIBUTE, id);
    response.setHeader(HEADER, id);
    try (var _ = MDC.putCloseable("requestId", id)) {
      chain.doFilter(request, response);
    }
  }

  /** What the container refuses by itself comes here only as an error, and needs an id as well. */
  @Override
  protected boolean shouldNotFilterErrorDispatch() {
    return false;
  }

  /** The problem's {@code instance} for this request. */
  public static String instance(ServletRequest request) {
    return instance(request.getAttribute(ATTRIBUTE) instanceof String id ? id : null);
  }

  /** The same where only the answer is at hand. */
  public static String instance(HttpHeaders answer) {
    return instance(answer.getFirst(HEADER));
  }

  /** The same of an id that stands in {@link #HEADER}; null: there is none. */
  public static String instance(@Nullable String id) {
    return id == null ? "about:blank" : "urn:uuid:" + id;
  }
}

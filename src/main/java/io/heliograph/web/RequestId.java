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
 * Assigns an id to each request, before all other filters. An id sent by the caller is ignored,
 * because it would be written to the log. The id is in the header {@code X-Request-Id}, in problems
 * as {@code instance}, and in log lines as {@code requestId}.
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

  /**
   * Requests that the container refuses reach this filter only as error dispatches and need an id
   * as well.
   */
  @Override
  protected boolean shouldNotFilterErrorDispatch() {
    return false;
  }

  /** The problem's {@code instance} for this request. */
  public static String instance(ServletRequest request) {
    return instance(request.getAttribute(ATTRIBUTE) instanceof String id ? id : null);
  }

  /** The same, from the headers of the answer. */
  public static String instance(HttpHeaders answer) {
    return instance(answer.getFirst(HEADER));
  }

  /** The same, from an id; null: no id is known. */
  public static String instance(@Nullable String id) {
    return id == null ? "about:blank" : "urn:uuid:" + id;
  }
}

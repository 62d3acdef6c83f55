package io.heliograph.web;

import io.heliograph.problem.ProblemType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.PathContainer;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Answers CORS requests (Fetch standard) for pages of allowed origins. It covers the client library
 * with its assets, the browser's login calls, and each {@link CorsResource}. {@link OriginPolicy}
 * decides which origins are allowed. Calls that need an API key are excluded, because a page must
 * not hold a key.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 10)
class CorsFilter extends OncePerRequestFilter {

  private static final String READ = "GET, HEAD";
  private static final String HEADERS =
      "Authorization, Content-Type, Idempotency-Key, If-None-Match";
  private static final Duration TEN_MINUTES = Duration.ofMinutes(10);

  private static final List<CorsResource> OWN =
      List.of(
          new CorsResource("/heliograph*.js", READ, HEADERS, false, TEN_MINUTES),
          new CorsResource("/heliograph*.js.map", READ, HEADERS, false, TEN_MINUTES),
          new CorsResource("/heliograph.d.ts", READ, HEADERS, false, TEN_MINUTES),
          new CorsResource("/assets/**", READ, HEADERS, false, TEN_MINUTES),
          // With the login's cookie, which browsers send only between origins of the same site.
          new CorsResource("/v1/logins/**", "GET, POST, DELETE", HEADERS, true, TEN_MINUTES));

  private final List<CorsResource> resources;
  private final OriginPolicy policy;
  private final ProblemWriter problems;

  CorsFilter(ObjectProvider<CorsResource> others, OriginPolicy policy, ProblemWriter problems) {
    this.resources = Stream.concat(OWN.stream(), others.stream()).toList();
    this.policy = policy;
    this.problems = problems;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    CorsResource resource = resource(request);
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    boolean preflight =
        origin != null
            && request.getMethod().equals(HttpMethod.OPTIONS.name())
            && request.getHeader(HttpHeaders.ACCESS_CONTROL_REQUEST_METHOD) != null;
    boolean welcome = resource != null && origin != null && policy.judge(request).isWelcomePage();
    if (resource != null) {
      // Also without an Origin header, because a cache must not serve this answer to another
      // origin.
      response.addHeader(HttpHeaders.VARY, HttpHeaders.ORIGIN);
    }
    if (resource != null && welcome) {
      response.setHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
      if (resource.credentials()) {
        response.setHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
      }
      response.setHeader(
          HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS, "ETag, Location, Retry-After, X-Request-Id");
    }
    if (!preflight) {
      chain.doFilter(request, response);
    } else if (resource != null && welcome) {
      response.setHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, resource.methods());
      response.setHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS, resource.headers());
      response.setHeader(
          HttpHeaders.ACCESS_CONTROL_MAX_AGE, Long.toString(resource.maxAge().toSeconds()));
      response.setStatus(HttpStatus.NO_CONTENT.value());
    } else {
      // Answered here for all paths, because Spring would list methods such as PUT and TRACE.
      problems.write(
          request,
          response,
          ProblemType.ORIGIN_NOT_ALLOWED,
          ProblemType.ORIGIN_NOT_ALLOWED.description());
    }
  }

  private @Nullable CorsResource resource(HttpServletRequest request) {
    PathContainer path = PathContainer.parsePath(request.getRequestURI());
    for (CorsResource each : resources) {
      if (each.path().matches(path)) {
        return each;
      }
    }
    return null;
  }
}

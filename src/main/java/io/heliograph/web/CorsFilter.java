package io.heliograph.web;

import io.heliograph.problem.ProblemType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.PathContainer;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/**
 * Lets pages of allowed origins read what pages need (the Fetch standard's CORS protocol): the
 * client library with its assets, and the browser's login calls. The origin is answered only where
 * {@link OriginPolicy} allows it. Nothing that needs an API key is here: a key has no place in a
 * page.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 10)
class CorsFilter extends OncePerRequestFilter {

  /**
   * @param credentials whether the login's cookie may come along; browsers send it to another
   *     origin of the same site only
   */
  private record Resource(PathPattern path, String methods, boolean credentials) {}

  private static final String READ = "GET, HEAD";
  private static final String LOGIN = "GET, POST, DELETE";

  private static final List<Resource> RESOURCES =
      List.of(
          resource("/heliograph*.js", READ, false),
          resource("/heliograph.min.js.map", READ, false),
          resource("/heliograph.d.ts", READ, false),
          resource("/assets/**", READ, false),
          resource("/v1/logins/**", LOGIN, true));

  private final OriginPolicy policy;
  private final ProblemWriter problems;

  CorsFilter(OriginPolicy policy, ProblemWriter problems) {
    this.policy = policy;
    this.problems = problems;
  }

  private static Resource resource(String path, String methods, boolean credentials) {
    return new Resource(PathPatternParser.defaultInstance.parse(path), methods, credentials);
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    Resource resource = resource(request);
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    boolean preflight =
        origin != null
            && request.getMethod().equals(HttpMethod.OPTIONS.name())
            && request.getHeader(HttpHeaders.ACCESS_CONTROL_REQUEST_METHOD) != null;
    boolean welcome = resource != null && origin != null && policy.judge(request).isWelcomePage();
    if (resource != null) {
      // Also where no origin came: a cache must not give this answer to a page of another origin.
      response.addHeader(HttpHeaders.VARY, HttpHeaders.ORIGIN);
    }
    if (resource != null && welcome) {
      response.setHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
      if (resource.credentials) {
        response.setHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
      }
      response.setHeader(
          HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS, "ETag, Location, Retry-After, X-Request-Id");
    }
    if (!preflight) {
      chain.doFilter(request, response);
    } else if (resource != null && welcome) {
      response.setHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, resource.methods);
      response.setHeader(
          HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS,
          "Authorization, Content-Type, Idempotency-Key, If-None-Match");
      response.setHeader(HttpHeaders.ACCESS_CONTROL_MAX_AGE, "600");
      response.setStatus(HttpStatus.NO_CONTENT.value());
    } else {
      // Answered here for all paths: Spring would list every method there is, also PUT and TRACE.
      problems.write(
          request,
          response,
          ProblemType.ORIGIN_NOT_ALLOWED,
          ProblemType.ORIGIN_NOT_ALLOWED.description());
    }
  }

  private static @Nullable Resource resource(HttpServletRequest request) {
    PathContainer path = PathContainer.parsePath(request.getRequestURI());
    for (Resource each : RESOURCES) {
      if (each.path.matches(path)) {
        return each;
      }
    }
    return null;
  }
}

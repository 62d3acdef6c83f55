package io.heliograph.transport.http;

import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import io.heliograph.security.SecurityHeaders;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.filter.ServerHttpObservationFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;

/** Serves every {@link HttpEndpoint}; other requests pass. */
final class HttpEndpointFilter extends HttpFilter {

  private static final long serialVersionUID = 1L;

  private final transient Map<String, HttpEndpoint> exact = new HashMap<>();
  private final transient List<HttpEndpoint> below;
  private final transient SecurityHeaders headers;
  private final transient HandlerExceptionResolver refusals;

  HttpEndpointFilter(
      List<HttpEndpoint> endpoints, SecurityHeaders headers, HandlerExceptionResolver refusals) {
    for (HttpEndpoint endpoint : endpoints) {
      if (!endpoint.below() && exact.put(endpoint.path(), endpoint) != null) {
        throw new IllegalStateException("two endpoints at " + endpoint.path());
      }
    }
    this.below = endpoints.stream().filter(HttpEndpoint::below).toList();
    this.headers = headers;
    this.refusals = refusals;
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    HttpEndpoint endpoint = find(request);
    if (endpoint == null) {
      chain.doFilter(request, response);
      return;
    }
    ServerHttpObservationFilter.findObservationContext(request)
        .ifPresent(observed -> observed.setPathPattern(endpoint.path()));
    try {
      if (endpoint.methods().isEmpty() || endpoint.methods().contains(request.getMethod())) {
        endpoint.handler().handle(request, response);
      } else if (request.getMethod().equals("OPTIONS")) {
        response.setHeader(HttpHeaders.ALLOW, String.join(", ", endpoint.methods()));
        response.setStatus(HttpStatus.NO_CONTENT.value());
      } else {
        throw new HttpRequestMethodNotSupportedException(request.getMethod(), endpoint.methods());
      }
    } catch (Exception e) {
      refuse(request, response, e);
    }
  }

  private @Nullable HttpEndpoint find(HttpServletRequest request) {
    String path = request.getRequestURI().substring(request.getContextPath().length());
    HttpEndpoint endpoint = exact.get(path);
    for (int i = 0; endpoint == null && i < below.size(); i++) {
      if (path.startsWith(below.get(i).path())) {
        endpoint = below.get(i);
      }
    }
    return endpoint;
  }

  private void refuse(HttpServletRequest request, HttpServletResponse response, Exception failure)
      throws ServletException {
    headers.write(request, response);
    if (failure instanceof ProblemException problem
        && problem.type() == ProblemType.UNAUTHENTICATED) {
      response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
    }
    if (response.isCommitted()
        || refusals.resolveException(request, response, null, failure) == null) {
      throw new ServletException(failure);
    }
  }
}

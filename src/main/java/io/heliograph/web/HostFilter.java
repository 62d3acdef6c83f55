package io.heliograph.web;

import io.heliograph.problem.ProblemType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Refuses requests for other hosts than those in {@code heliograph.server.hosts}, if it is set
 * (421, RFC 9110 section 15.5.20). Health checks are exempt, because probes use a pod's address as
 * host.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 1)
class HostFilter extends OncePerRequestFilter {

  private static final Set<String> HEALTH = Set.of("/livez", "/readyz");

  private final OriginPolicy policy;
  private final ProblemWriter problems;

  HostFilter(OriginPolicy policy, ProblemWriter problems) {
    this.policy = policy;
    this.problems = problems;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (HEALTH.contains(request.getRequestURI()) || policy.isForUs(request)) {
      chain.doFilter(request, response);
    } else {
      problems.write(
          request, response, ProblemType.WRONG_HOST, ProblemType.WRONG_HOST.description());
    }
  }
}

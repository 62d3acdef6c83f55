package io.heliograph.security;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Identifies the backend by its {@code Authorization: Bearer}. Refuses no request: an unknown key
 * may be a ticket's watch token, and the chain decides what is public. Not a bean, or it would also
 * run outside the chain.
 */
class ApiKeyFilter extends OncePerRequestFilter {

  private final ApiKeys keys;

  ApiKeyFilter(ApiKeys keys) {
    this.keys = keys;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    ApiKey key = keys.of(request);
    if (key != null) {
      key.attachTo(request);
      SecurityContextHolder.setContext(
          new SecurityContextImpl(
              UsernamePasswordAuthenticationToken.authenticated(key, null, List.of())));
    }
    chain.doFilter(request, response);
  }
}

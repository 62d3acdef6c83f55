package io.heliograph.security;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Recognises the backend by its {@code Authorization: Bearer}. Refuses nobody: what is no API key
 * may be a ticket's watch token, and the chain decides what a stranger may reach. Not a bean, or it
 * would also run outside the chain.
 */
class ApiKeyFilter extends OncePerRequestFilter {

  private static final String SCHEME = "Bearer ";

  private final ApiKeys keys;

  ApiKeyFilter(ApiKeys keys) {
    this.keys = keys;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String presented = bearer(request);
    ApiKey key = presented == null ? null : keys.find(presented);
    if (key != null) {
      key.attachTo(request);
      SecurityContextHolder.setContext(
          new SecurityContextImpl(
              UsernamePasswordAuthenticationToken.authenticated(key, null, List.of())));
    }
    chain.doFilter(request, response);
  }

  /** Two headers are nobody's: a proxy in between may have looked at the other one. */
  private static @Nullable String bearer(HttpServletRequest request) {
    List<String> headers = Collections.list(request.getHeaders("Authorization"));
    if (headers.size() != 1
        || !headers.getFirst().regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return null;
    }
    return headers.getFirst().substring(SCHEME.length()).strip();
  }
}

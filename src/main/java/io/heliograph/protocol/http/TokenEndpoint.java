package io.heliograph.protocol.http;

import io.heliograph.client.Admission;
import io.heliograph.problem.ProblemException;
import io.heliograph.session.Identity;
import io.heliograph.transport.http.HttpEndpoint;
import io.heliograph.web.BearerToken;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;

/**
 * {@code POST /events/token} keeps the browser token of its {@code Authorization} header in a
 * cookie, {@code DELETE} takes the cookie away.
 */
final class TokenEndpoint implements HttpEndpoint.Handler {

  static final List<String> METHODS = List.of("POST", "DELETE");

  /** Browsers keep cookies of at most 4 KB with name and attributes. */
  private static final int MAX_TOKEN = 3584;

  private final HttpCallers callers;
  private final TokenCookie cookie;
  private final Clock clock;

  TokenEndpoint(HttpCallers callers, TokenCookie cookie, Clock clock) {
    this.callers = callers;
    this.cookie = cookie;
    this.clock = clock;
  }

  @Override
  public void handle(HttpServletRequest request, HttpServletResponse response) {
    HttpCallers.requireNoBody(request);
    HttpCallers.requireNoTokenInQuery(request.getQueryString());
    callers.requireWelcomeOrigin(request);
    if (request.getMethod().equals("DELETE")) {
      cookie.remove(request, response);
    } else {
      String token = BearerToken.of(request);
      cookie.set(request, response, token == null ? "" : token, rest(request, token));
    }
    response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    response.setStatus(HttpStatus.NO_CONTENT.value());
  }

  /** How long the token is good for. */
  private Duration rest(HttpServletRequest request, @Nullable String token) {
    if (token != null && token.length() > MAX_TOKEN) {
      throw ProblemException.invalid(
          HttpHeaders.AUTHORIZATION,
          "the token has " + token.length() + " characters, and a cookie holds " + MAX_TOKEN);
    }
    switch (callers.decideToKeep(request, token)) {
      case Admission.Admitted(Identity identity) -> {
        Instant end = identity.expires();
        Duration rest = end == null ? Duration.ZERO : Duration.between(clock.instant(), end);
        // Within the clock skew a token is good for a little longer than it says.
        return rest.compareTo(Duration.ofSeconds(1)) < 0 ? Duration.ofSeconds(1) : rest;
      }
      case Admission.Refused refused -> {
        callers.refused(refused);
        throw HttpCallers.problem(refused);
      }
    }
  }
}

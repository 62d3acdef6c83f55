package io.heliograph.security;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.PathContainer;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.OrRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;
import org.springframework.stereotype.Component;

/**
 * The paths of the main port that need no API key. All other paths under {@code /v1} need one;
 * elsewhere no other paths exist. WebSocket handshakes do not pass this filter chain; they are
 * authenticated by {@code client.Admission}.
 */
@Component
class PublicPaths implements RequestMatcher {

  /** Pages and their resources, for GET and HEAD only. */
  private static final List<String> READ_ONLY =
      List.of(
          "/",
          "/index.html",
          "/index.js",
          "/style.css",
          "/favicon.svg",
          "/favicon.ico",
          "/heliograph*.js",
          "/heliograph*.js.map",
          "/heliograph.d.ts",
          "/assets/**",
          "/login",
          "/l/*",
          "/livez",
          "/readyz",
          "/openapi.json",
          "/problems/*");

  /** Calls with their own authentication: watch tokens, phone tokens, signatures, OAuth state. */
  private static final List<String> OWN_AUTHENTICATION =
      List.of("/v1/logins", "/v1/logins/**", "/callbacks/**", "/login/wechat/*");

  private final RequestMatcher matcher;

  PublicPaths() {
    PathPatternRequestMatcher.Builder paths = PathPatternRequestMatcher.withDefaults();
    Stream<RequestMatcher> readOnly =
        READ_ONLY.stream()
            .flatMap(
                path ->
                    Stream.of(
                        paths.matcher(HttpMethod.GET, path), paths.matcher(HttpMethod.HEAD, path)));
    Stream<RequestMatcher> own = OWN_AUTHENTICATION.stream().map(paths::matcher);
    matcher = new OrRequestMatcher(Stream.concat(readOnly, own).toList());
  }

  @Override
  public boolean matches(HttpServletRequest request) {
    return matcher.matches(request);
  }

  /** Parses the path as the patterns do, so that no spelling of a path is treated differently. */
  static boolean isApi(HttpServletRequest request) {
    return PathContainer.parsePath(request.getRequestURI()).elements().stream()
        .filter(PathContainer.PathSegment.class::isInstance)
        .map(segment -> ((PathContainer.PathSegment) segment).valueToMatch())
        .findFirst()
        .filter("v1"::equals)
        .isPresent();
  }
}

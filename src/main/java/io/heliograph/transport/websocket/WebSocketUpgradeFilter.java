package io.heliograph.transport.websocket;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.web.HttpRequestHandler;

/**
 * Where handshakes leave the way of all other requests, as soon as they have their id. What comes
 * after it for those (filters that find out who calls, the search for a controller, the measuring
 * of each request) costs several times what a handshake does, and answers nothing that is asked
 * here: who may connect is the matter of {@link HandshakeValidator} and the route's interceptors.
 *
 * <p>A path is taken as it is written or not at all; every other spelling of it is not found.
 */
final class WebSocketUpgradeFilter extends HttpFilter {

  private static final long serialVersionUID = 1L;

  private final transient Map<String, HttpRequestHandler> handlersByPath;
  private final transient Map<Pattern, HttpRequestHandler> handlersByPattern;
  private final transient Set<String> sharedPaths;

  /**
   * @param sharedPaths of these only what asks for an upgrade is taken
   */
  WebSocketUpgradeFilter(Map<String, HttpRequestHandler> handlersByPath, Set<String> sharedPaths) {
    this.handlersByPath = Map.copyOf(handlersByPath);
    this.handlersByPattern =
        handlersByPath.entrySet().stream()
            .filter(each -> each.getKey().contains("*"))
            .collect(
                Collectors.toUnmodifiableMap(each -> pattern(each.getKey()), Map.Entry::getValue));
    this.sharedPaths = Set.copyOf(sharedPaths);
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    String path = request.getRequestURI().substring(request.getContextPath().length());
    HttpRequestHandler handler = handlersByPath.get(path);
    if (handler == null) {
      handler = patternOf(path);
    }
    if (handler == null || (sharedPaths.contains(path) && request.getHeader("Upgrade") == null)) {
      chain.doFilter(request, response);
    } else {
      handler.handleRequest(request, response);
    }
  }

  private static Pattern pattern(String path) {
    return Pattern.compile(
        Stream.of(path.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining("[^/.]+")));
  }

  private @Nullable HttpRequestHandler patternOf(String path) {
    for (Map.Entry<Pattern, HttpRequestHandler> each : handlersByPattern.entrySet()) {
      if (each.getKey().matcher(path).matches()) {
        return each.getValue();
      }
    }
    return null;
  }
}

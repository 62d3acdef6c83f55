package io.heliograph.transport.sockjs;

import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import io.heliograph.session.Encoding;
import io.heliograph.session.TransportInfo;
import io.heliograph.transport.http.HttpEndpoint;
import io.heliograph.transport.websocket.WebSocketEndpoint;
import io.heliograph.transport.websocket.WebSocketLimits;
import io.heliograph.web.CorsResource;
import io.heliograph.web.OriginPolicy;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;

/**
 * What is served below a WebSocket endpoint for clients of SockJS. Its creator registers each part
 * as a bean, and makes the endpoint share its path.
 */
public final class SockJsRoute {

  /** As metrics name it. */
  private static final String KIND = "sockjs-websocket";

  /** JSON escapes double a text at most, but for control characters, which no protocol here has. */
  private static final int ESCAPED = 2;

  private static final int BRACKETS = 64;

  private final WebSocketEndpoint base;
  private final OriginPolicy origins;

  public SockJsRoute(WebSocketEndpoint base, OriginPolicy origins) {
    this.base = base;
    this.origins = origins;
  }

  /** The protocol itself, without frames of SockJS, for clients that are no browsers. */
  public WebSocketEndpoint raw() {
    return new WebSocketEndpoint(
        base.path() + "/websocket",
        base.subprotocols(),
        base.limits(),
        base.info(),
        base.encoding(),
        base.interceptors(),
        base.listeners());
  }

  /** The protocol in frames of SockJS, below a server's and a session's name, which say nothing. */
  public WebSocketEndpoint framed() {
    WebSocketLimits limits = base.limits();
    TransportInfo info = base.info();
    return new WebSocketEndpoint(
        base.path() + "/*/*/websocket",
        List.of(),
        new WebSocketLimits(
            ESCAPED * limits.maxMessage() + BRACKETS,
            false,
            limits.closeTimeout(),
            limits.maxDiscarded()),
        new TransportInfo(KIND, info.protocol(), info.liveness(), info.detachable()),
        new Encoding(base.encoding().codec(), SockJsFraming.WEBSOCKET),
        base.interceptors(),
        handshake -> new SockJsSocket(base.listeners().create(handshake), limits.maxMessage()));
  }

  /** What a client asks first, to choose its transport. */
  public HttpEndpoint info() {
    return HttpEndpoint.at(base.path() + "/info", List.of("GET"), this::answer);
  }

  /** Shows a person who opens the path that the service is there. */
  public HttpEndpoint greeting() {
    return HttpEndpoint.at(
        base.path(),
        List.of("GET"),
        (_, response) -> {
          response.setContentType("text/plain;charset=UTF-8");
          response.getWriter().print("Welcome to SockJS!\n");
        });
  }

  public CorsResource cors() {
    return new CorsResource(
        base.path() + "/info", "OPTIONS, GET", "Content-Type", true, Duration.ofDays(365));
  }

  private void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
    switch (origins.judge(request)) {
      case WRONG_HOST ->
          throw new ProblemException(ProblemType.WRONG_HOST, ProblemType.WRONG_HOST.description());
      case FOREIGN ->
          throw new ProblemException(
              ProblemType.ORIGIN_NOT_ALLOWED, ProblemType.ORIGIN_NOT_ALLOWED.description());
      case NO_ORIGIN, OWN, ALLOWED -> {
        long entropy = ThreadLocalRandom.current().nextLong(1L << 32);
        response.setHeader(
            HttpHeaders.CACHE_CONTROL,
            "no-store, no-cache, no-transform, must-revalidate, max-age=0");
        response.setContentType(MediaType.APPLICATION_JSON_VALUE + ";charset=UTF-8");
        response
            .getWriter()
            .print(
                "{\"websocket\":true,\"origins\":[\"*:*\"],\"cookie_needed\":false,\"entropy\":"
                    + entropy
                    + "}");
      }
    }
  }
}

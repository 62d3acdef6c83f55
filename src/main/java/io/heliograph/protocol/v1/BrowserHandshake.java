package io.heliograph.protocol.v1;

import io.heliograph.client.Admission;
import io.heliograph.client.Caller;
import io.heliograph.problem.ProblemType;
import io.heliograph.server.HandshakeOutcome;
import io.heliograph.server.HandshakeResponses;
import io.heliograph.session.CloseReason;
import io.heliograph.session.Identity;
import io.heliograph.web.BearerToken;
import io.heliograph.web.ClientAddress;
import io.heliograph.web.OriginPolicy;
import io.heliograph.web.OriginPolicy.Verdict;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Collections;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.server.HandshakeInterceptor;

/**
 * Asks {@link Admission} about a handshake and answers what it says. The token comes as a {@code
 * bearer.<token>} among the sub-protocols, since a page can set no header, or as {@code
 * Authorization: Bearer}. Never in the URL, which ends up in logs.
 *
 * <p>JavaScript sees a close code but no status of a handshake. So where a page's token is refused,
 * the socket opens and is closed with 4401, without a session.
 */
final class BrowserHandshake implements HandshakeInterceptor {

  /** The attribute with the {@link Identity} of the session, or the {@link CloseReason} instead. */
  static final String DECISION = BrowserHandshake.class.getName();

  private static final String ENTRY = "bearer.";

  private final Admission admission;
  private final OriginPolicy origins;
  private final HandshakeResponses handshakes;

  BrowserHandshake(Admission admission, OriginPolicy origins, HandshakeResponses handshakes) {
    this.admission = admission;
    this.origins = origins;
    this.handshakes = handshakes;
  }

  @Override
  public boolean beforeHandshake(
      ServerHttpRequest request,
      ServerHttpResponse response,
      WebSocketHandler handler,
      Map<String, Object> attributes)
      throws IOException {
    HttpServletRequest servletRequest = ((ServletServerHttpRequest) request).getServletRequest();
    Verdict origin = origins.judge(servletRequest);
    String token = token(servletRequest);
    return switch (admission.decide(new Caller(ClientAddress.of(servletRequest), origin, token))) {
      case Admission.Admitted(Identity identity) -> {
        attributes.put(DECISION, identity);
        yield true;
      }
      case Admission.Refused refused
          when refused.problem() == ProblemType.UNAUTHENTICATED && origin.isWelcomePage() -> {
        attributes.put(DECISION, CloseReason.TOKEN);
        attributes.put(HandshakeOutcome.ATTRIBUTE, HandshakeOutcome.UNAUTHORIZED);
        yield true;
      }
      case Admission.Refused refused -> refuse(response, refused);
    };
  }

  private boolean refuse(ServerHttpResponse response, Admission.Refused refused)
      throws IOException {
    if (refused.retryAfter() != null) {
      response
          .getHeaders()
          .set(HttpHeaders.RETRY_AFTER, Long.toString(refused.retryAfter().toSeconds()));
    }
    HandshakeOutcome outcome = HandshakeOutcome.of(refused.problem());
    if (outcome == HandshakeOutcome.UNAUTHORIZED) {
      response.getHeaders().set(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
    }
    return handshakes.refuse(response, outcome, refused.detail());
  }

  /** The page's own token first: what is in {@code Authorization} may be a proxy's. */
  private static @Nullable String token(HttpServletRequest request) {
    for (String list : Collections.list(request.getHeaders("Sec-WebSocket-Protocol"))) {
      for (String entry : list.split(",", -1)) {
        if (entry.strip().startsWith(ENTRY)) {
          return entry.strip().substring(ENTRY.length());
        }
      }
    }
    return BearerToken.of(request);
  }

  @Override
  public void afterHandshake(
      ServerHttpRequest request,
      ServerHttpResponse response,
      WebSocketHandler handler,
      @Nullable Exception exception) {}
}

package io.heliograph.protocol.v1;

import io.heliograph.client.Admission;
import io.heliograph.client.Caller;
import io.heliograph.problem.ProblemType;
import io.heliograph.server.HandshakeOutcome;
import io.heliograph.session.CloseReason;
import io.heliograph.session.Identity;
import io.heliograph.transport.websocket.CallerHandshake;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.server.HandshakeInterceptor;

/**
 * Asks {@link Admission} about a handshake and answers what it says.
 *
 * <p>JavaScript sees a close code but no status of a handshake. So where a page's token is refused,
 * the socket opens and is closed with 4401, without a session.
 */
final class BrowserHandshake implements HandshakeInterceptor {

  /** The attribute with the {@link Identity} of the session, or the {@link CloseReason} instead. */
  static final String DECISION = BrowserHandshake.class.getName();

  private final Admission admission;
  private final CallerHandshake handshakes;

  BrowserHandshake(Admission admission, CallerHandshake handshakes) {
    this.admission = admission;
    this.handshakes = handshakes;
  }

  @Override
  public boolean beforeHandshake(
      ServerHttpRequest request,
      ServerHttpResponse response,
      WebSocketHandler handler,
      Map<String, Object> attributes)
      throws IOException {
    Caller caller = handshakes.caller(request);
    return switch (admission.decide(caller)) {
      case Admission.Admitted(Identity identity) -> {
        attributes.put(DECISION, identity);
        yield true;
      }
      case Admission.Refused refused
          when refused.problem() == ProblemType.UNAUTHENTICATED
              && caller.origin().isWelcomePage() -> {
        attributes.put(DECISION, CloseReason.TOKEN);
        attributes.put(HandshakeOutcome.ATTRIBUTE, HandshakeOutcome.UNAUTHORIZED);
        yield true;
      }
      case Admission.Refused refused -> handshakes.refuse(response, refused);
    };
  }

  @Override
  public void afterHandshake(
      ServerHttpRequest request,
      ServerHttpResponse response,
      WebSocketHandler handler,
      @Nullable Exception exception) {}
}

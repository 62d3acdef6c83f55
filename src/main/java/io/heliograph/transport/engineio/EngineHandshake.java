package io.heliograph.transport.engineio;

import io.heliograph.server.HandshakeOutcome;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.http.server.ServletServerHttpResponse;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.server.HandshakeInterceptor;

/**
 * Decides about the WebSockets of an endpoint: one that opens a session is asked for at the gate,
 * one that upgrades a session names it.
 */
final class EngineHandshake implements HandshakeInterceptor {

  /** The attribute with the {@link EngineListener} of a new session; missing: it is none. */
  static final String LISTENER = EngineListener.class.getName();

  /** The attribute with the {@link PollingCarrier} that is to be upgraded; missing: none is. */
  static final String SESSION = PollingCarrier.class.getName();

  private final EngineContext context;
  private final EngineAnswers answers;

  EngineHandshake(EngineContext context, EngineAnswers answers) {
    this.context = context;
    this.answers = answers;
  }

  @Override
  public boolean beforeHandshake(
      ServerHttpRequest request,
      ServerHttpResponse response,
      WebSocketHandler handler,
      Map<String, Object> attributes)
      throws IOException {
    HttpServletRequest asking = ((ServletServerHttpRequest) request).getServletRequest();
    HttpServletResponse answer = ((ServletServerHttpResponse) response).getServletResponse();
    EngineRequest asked = EngineRequest.parse(asking.getQueryString());
    EngineError error = asked.error();
    if (error == null && !asked.transport().equals(EngineRequest.WEBSOCKET)) {
      error = EngineError.BAD_REQUEST;
    }
    if (error != null) {
      answers.refuseHandshake(answer, error);
      return false;
    }
    if (asked.sid() != null) {
      EngineGate.Refused refused = context.endpoint().gate().further(asking);
      if (refused != null) {
        answers.refuseHandshake(answer, refused);
        return false;
      }
      PollingCarrier session = context.sessions().find(asked.sid());
      if (session == null) {
        // Clients expect a socket that closes, and cannot see the status of a handshake.
        attributes.put(HandshakeOutcome.ATTRIBUTE, HandshakeOutcome.FORBIDDEN);
      } else {
        attributes.put(SESSION, session);
      }
      return true;
    }
    return switch (context.endpoint().gate().open(asking)) {
      case EngineGate.Admitted(EngineListener listener) -> {
        attributes.put(LISTENER, listener);
        yield true;
      }
      case EngineGate.Refused refused -> {
        answers.refuseHandshake(answer, refused);
        yield false;
      }
    };
  }

  @Override
  public void afterHandshake(
      ServerHttpRequest request,
      ServerHttpResponse response,
      WebSocketHandler handler,
      @Nullable Exception failure) {}
}

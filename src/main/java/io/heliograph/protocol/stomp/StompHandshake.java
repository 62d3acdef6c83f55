package io.heliograph.protocol.stomp;

import io.heliograph.client.Admission;
import io.heliograph.client.Caller;
import io.heliograph.transport.websocket.CallerHandshake;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.server.HandshakeInterceptor;

/**
 * Lets those handshakes through whose clients may say who they are in {@code CONNECT}, and keeps
 * what they show until then.
 */
final class StompHandshake implements HandshakeInterceptor {

  /** The attribute with the {@link Caller}. */
  static final String CALLER = StompHandshake.class.getName();

  private final Admission admission;
  private final CallerHandshake handshakes;

  StompHandshake(Admission admission, CallerHandshake handshakes) {
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
    Admission.Refused refused = admission.mayOpen(caller);
    if (refused != null) {
      return handshakes.refuse(response, refused);
    }
    attributes.put(CALLER, caller);
    return true;
  }

  @Override
  public void afterHandshake(
      ServerHttpRequest request,
      ServerHttpResponse response,
      WebSocketHandler handler,
      @Nullable Exception exception) {}
}

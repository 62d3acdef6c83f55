package io.heliograph.transport.websocket;

import io.heliograph.server.HandshakeResponses;
import io.heliograph.session.Encoding;
import io.heliograph.session.TransportInfo;
import java.util.List;
import org.springframework.web.socket.server.HandshakeInterceptor;

/**
 * One path where browsers may connect. Every bean of this type is served.
 *
 * @param path exact, except that {@code *} stands for one segment without dots
 * @param subprotocols those that may be answered, exactly as written; the first that the client
 *     asks for and that is here wins, and none is answered when none matches
 * @param info what {@link WebSocketTransport#info()} answers
 * @param encoding what {@link WebSocketTransport#encoding()} answers
 * @param interceptors asked in order after the handshake's own rules and before the upgrade, who
 *     may connect (RFC 6455 section 10.2) among it; they refuse through {@link
 *     HandshakeResponses#refuse} and leave attributes for the {@link HandshakeInfo}
 * @param shared whether another filter answers what is no handshake at this path; otherwise it is
 *     refused with 426
 */
public record WebSocketEndpoint(
    String path,
    List<String> subprotocols,
    WebSocketLimits limits,
    TransportInfo info,
    Encoding encoding,
    List<HandshakeInterceptor> interceptors,
    WebSocketListener.Factory listeners,
    boolean shared) {

  /** One that has its path for itself. */
  public WebSocketEndpoint(
      String path,
      List<String> subprotocols,
      WebSocketLimits limits,
      TransportInfo info,
      Encoding encoding,
      List<HandshakeInterceptor> interceptors,
      WebSocketListener.Factory listeners) {
    this(path, subprotocols, limits, info, encoding, interceptors, listeners, false);
  }

  public WebSocketEndpoint {
    subprotocols = List.copyOf(subprotocols);
    interceptors = List.copyOf(interceptors);
  }

  /** The same, whose path is shared if the condition holds. */
  public WebSocketEndpoint sharedIf(boolean condition) {
    return new WebSocketEndpoint(
        path, subprotocols, limits, info, encoding, interceptors, listeners, condition);
  }
}

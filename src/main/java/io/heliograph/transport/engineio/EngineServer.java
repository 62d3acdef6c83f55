package io.heliograph.transport.engineio;

import io.heliograph.server.HandshakeResponses;
import io.heliograph.session.TransportInfo;
import io.heliograph.transport.http.HttpEndpoint;
import io.heliograph.transport.http.ResponseStreams;
import io.heliograph.transport.websocket.HandshakeInfo;
import io.heliograph.transport.websocket.WebSocketEndpoint;
import io.heliograph.transport.websocket.WebSocketLimits;
import io.heliograph.transport.websocket.WebSocketListener;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Serves one {@link EngineEndpoint}: its sessions, and the two endpoints of the server that reach
 * them. Its creator registers both of these as beans.
 */
public final class EngineServer {

  private final EngineContext context;
  private final HandshakeResponses handshakes;
  private final ResponseStreams streams;

  /**
   * @param nanoTime monotonic nanoseconds
   */
  public EngineServer(
      EngineEndpoint endpoint,
      HandshakeResponses handshakes,
      ResponseStreams streams,
      LongSupplier nanoTime) {
    this.context = new EngineContext(endpoint, new EngineSessions(), nanoTime);
    this.handshakes = handshakes;
    this.streams = streams;
  }

  /** Ends sessions whose clients do not poll any more; to be called a few times a second. */
  public void tick() {
    context.sessions().tick(context.now());
  }

  /** Sessions that are carried by polling now. */
  public int pollingSessions() {
    return context.sessions().size();
  }

  private EngineAnswers answers(TransportInfo info) {
    return new EngineAnswers(handshakes.of(info.protocol(), info.kind()));
  }

  /** Handshakes and upgrades. */
  public WebSocketEndpoint webSocketEndpoint() {
    EngineEndpoint endpoint = context.endpoint();
    EngineLimits limits = endpoint.limits();
    return new WebSocketEndpoint(
        endpoint.path(),
        List.of(),
        new WebSocketLimits(
            limits.maxPayload(), true, limits.closeTimeout(), limits.maxDiscarded()),
        endpoint.onSocket(),
        endpoint.encoding(),
        List.of(new EngineHandshake(context, answers(endpoint.onSocket()))),
        this::listener,
        true);
  }

  private WebSocketListener listener(HandshakeInfo info) {
    if (info.attributes().get(EngineHandshake.LISTENER) instanceof EngineListener listener) {
      String packet = EngineAnswers.open(EngineAnswers.newId(), context.endpoint().limits(), false);
      return new EngineSocket(
          EngineTransport.forSocket(context, info.remoteAddress(), listener),
          EngineFraming.packet(packet));
    }
    return new EngineUpgrade(
        info.attributes().get(EngineHandshake.SESSION) instanceof PollingCarrier session
            ? session
            : null);
  }

  /** Everything else that is asked at the path. */
  public HttpEndpoint httpEndpoint() {
    return HttpEndpoint.at(
        context.endpoint().path(),
        List.of(),
        new EnginePolling(context, answers(context.endpoint().onPolling()), streams));
  }
}

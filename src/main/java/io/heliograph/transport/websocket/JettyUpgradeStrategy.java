package io.heliograph.transport.websocket;

import io.heliograph.server.HandshakeOutcome;
import io.heliograph.server.HandshakeResponses;
import io.heliograph.server.ReadExecutor;
import io.heliograph.server.SocketEnds;
import io.heliograph.web.ClientAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Principal;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.eclipse.jetty.ee11.servlet.ServletContextRequest;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.FutureCallback;
import org.eclipse.jetty.websocket.core.Behavior;
import org.eclipse.jetty.websocket.core.ExtensionStack;
import org.eclipse.jetty.websocket.core.Negotiated;
import org.eclipse.jetty.websocket.core.WebSocketComponents;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.web.socket.WebSocketExtension;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.server.HandshakeFailureException;
import org.springframework.web.socket.server.RequestUpgradeStrategy;

/**
 * Where an accepted handshake becomes a socket. Builds Jetty's core session and connection around
 * our frame handler and hands the connection over; Jetty swaps it in when the response is complete.
 * The stock strategies keep the whole request alive behind each socket; here nothing that outlives
 * {@link #upgrade} knows the request, its response, or their wrappers. No extension is offered:
 * compression would cost each socket many times its memory.
 */
final class JettyUpgradeStrategy implements RequestUpgradeStrategy {

  private static final String[] VERSIONS = {"13"};
  private static final String ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  /** Jetty asks each session for it; one for all, so that it is not kept per request. */
  private static final URI ANY_URI = URI.create("ws://localhost/");

  private final WebSocketEndpoint route;
  private final HandshakeResponses handshakes;
  private final ReadExecutor reads;
  private final SocketEnds ends;

  /**
   * Only the registry of extensions in it is looked at, and stays unused: it needs no threads of
   * its own.
   */
  private final WebSocketComponents components =
      new WebSocketComponents(null, null, null, null, null, Runnable::run);

  JettyUpgradeStrategy(
      WebSocketEndpoint route, HandshakeResponses handshakes, ReadExecutor reads, SocketEnds ends) {
    this.route = route;
    this.handshakes = handshakes;
    this.reads = reads;
    this.ends = ends;
  }

  @Override
  public String[] getSupportedVersions() {
    return VERSIONS.clone();
  }

  @Override
  public List<WebSocketExtension> getSupportedExtensions(ServerHttpRequest request) {
    return List.of();
  }

  @Override
  public void upgrade(
      ServerHttpRequest request,
      ServerHttpResponse ignoredResponse,
      @Nullable String subprotocol,
      List<WebSocketExtension> extensions,
      @Nullable Principal user,
      WebSocketHandler handler,
      Map<String, Object> attributes) {
    var servletRequest = ((ServletServerHttpRequest) request).getServletRequest();
    var contextRequest = ServletContextRequest.getServletContextRequest(servletRequest);
    Request jettyRequest = Request.unWrap(contextRequest);
    Response response = contextRequest.getServletContextResponse();

    var info =
        new HandshakeInfo(ClientAddress.of(servletRequest).network(), subprotocol, attributes);
    var socket = new WebSocketTransport(route, info.remoteAddress());
    JettyWebSocketConnection connection =
        connect(
            new WebSocketFrameHandler(socket, route.listeners().create(info), route.limits()),
            subprotocol,
            jettyRequest.getConnectionMetaData());

    response.setStatus(HttpStatus.SWITCHING_PROTOCOLS_101);
    response.getHeaders().put(HttpHeader.UPGRADE, "websocket");
    response.getHeaders().put(HttpHeader.CONNECTION, "Upgrade");
    String key = request.getHeaders().getFirst("Sec-WebSocket-Key");
    response.getHeaders().put(HttpHeader.SEC_WEBSOCKET_ACCEPT, accept(String.valueOf(key).trim()));
    if (subprotocol != null) {
      response.getHeaders().put(HttpHeader.SEC_WEBSOCKET_SUBPROTOCOL, subprotocol);
    }
    jettyRequest.setAttribute(HttpStream.UPGRADE_CONNECTION_ATTRIBUTE, connection);
    handshakes.count(
        attributes.get(HandshakeOutcome.ATTRIBUTE) instanceof HandshakeOutcome other
            ? other
            : HandshakeOutcome.ACCEPTED);
    writeHead(response);
  }

  private JettyWebSocketConnection connect(
      WebSocketFrameHandler frames, @Nullable String subprotocol, ConnectionMetaData line) {
    var none = new ExtensionStack(components, Behavior.SERVER);
    none.negotiate(List.of(), List.of());
    var session =
        new JettyCoreSession(
            frames,
            ends,
            new Negotiated(ANY_URI, subprotocol, line.isSecure(), none, "13"),
            components);
    // The heartbeat decides who is silent, not Jetty's 30 seconds.
    session.setIdleTimeout(Duration.ZERO);
    // Frames reach the handler as they arrive, in pieces: it sees bad UTF-8 at once, nothing is
    // held for a
    // half-arrived frame but its pieces, and the limit on messages is the handler's. Jetty's limit
    // would bind what
    // goes out, too.
    session.setAutoFragment(true);
    session.setMaxFrameSize(0);
    Connector connector = line.getConnector();
    var connection =
        new JettyWebSocketConnection(
            line.getConnection().getEndPoint(),
            reads,
            connector.getScheduler(),
            connector.getByteBufferPool(),
            session);
    session.setWebSocketConnection(connection);
    frames.socket().attach(connection, connector.getScheduler());
    return connection;
  }

  /**
   * Waits for the head of the answer on the request's own thread; Jetty upgrades after that thread
   * has left.
   */
  private static void writeHead(Response response) {
    var written = new FutureCallback();
    response.write(true, null, written);
    try {
      written.get();
    } catch (ExecutionException e) {
      throw new HandshakeFailureException("The line broke during the handshake", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HandshakeFailureException("Interrupted during the handshake", e);
    }
  }

  private static String accept(String key) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest((key + ACCEPT_SUFFIX).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-1", e);
    }
  }
}

package io.heliograph.transport.websocket;

import io.heliograph.server.HandshakeOutcome;
import io.heliograph.server.HandshakeResponses;
import io.heliograph.transport.EndPoints;
import io.heliograph.web.ClientAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Principal;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.eclipse.jetty.ee11.servlet.ServletContextRequest;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.FutureCallback;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.util.unit.DataSize;
import org.springframework.web.socket.WebSocketExtension;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.server.HandshakeFailureException;
import org.springframework.web.socket.server.RequestUpgradeStrategy;

/**
 * Where an accepted handshake becomes a socket. Makes the connection that reads and the transport
 * that writes; Jetty swaps the connection in when the response is complete. The stock strategies
 * keep the whole request alive behind each socket; here nothing that outlives {@link #upgrade}
 * knows the request, its response, or their wrappers. No extension is offered: compression would
 * cost each socket many times its memory.
 */
final class JettyUpgradeStrategy implements RequestUpgradeStrategy {

  private static final String[] VERSIONS = {"13"};
  private static final String ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private final WebSocketContext context;
  private final HandshakeResponses handshakes;
  private final int sendBuffer;

  JettyUpgradeStrategy(
      WebSocketContext context, HandshakeResponses handshakes, DataSize sendBuffer) {
    this.context = context;
    this.handshakes = handshakes;
    this.sendBuffer = Math.toIntExact(sendBuffer.toBytes());
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
    WebSocketConnection connection = connect(info, jettyRequest.getConnectionMetaData());

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

  private WebSocketConnection connect(HandshakeInfo info, ConnectionMetaData request) {
    WebSocketEndpoint endpoint = context.endpoint();
    EndPoint endPoint = request.getConnection().getEndPoint();
    // The heartbeat decides who is silent, not Jetty's 30 seconds.
    endPoint.setIdleTimeout(0);
    boundSendBuffer(endPoint);
    var transport = new WebSocketTransport(context, info.remoteAddress());
    var frames =
        new WebSocketFrameHandler(transport, endpoint.listeners().create(info), endpoint.limits());
    Connector connector = request.getConnector();
    var connection =
        new WebSocketConnection(
            endPoint, context.reads().executor(), connector.getByteBufferPool(), transport, frames);
    transport.attach(connection, connector.getScheduler());
    return connection;
  }

  private void boundSendBuffer(EndPoint endPoint) {
    try {
      EndPoints.boundSendBuffer(endPoint, sendBuffer);
    } catch (IOException e) {
      throw new HandshakeFailureException("The connection broke during the handshake", e);
    }
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
      throw new HandshakeFailureException("The connection broke during the handshake", e);
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

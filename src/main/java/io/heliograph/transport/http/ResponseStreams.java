package io.heliograph.transport.http;

import io.heliograph.server.ReadExecutor;
import io.heliograph.transport.EndPoints;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutionException;
import org.eclipse.jetty.ee11.servlet.ServletContextRequest;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.FutureCallback;

/**
 * Takes responses over from Jetty that last: streams, and polls that wait. An asynchronous servlet
 * would keep the request, its response and their wrappers for as long, would block on write, and
 * would not notice before a write that the client has left. Here only the connection remains.
 */
public final class ResponseStreams {

  private final ReadExecutor reads;
  private final int sendBuffer;

  ResponseStreams(ReadExecutor reads, int sendBuffer) {
    this.reads = reads;
    this.sendBuffer = sendBuffer;
  }

  /**
   * Writes the head of the response, whose status and headers are set, and takes the connection
   * over. The caller returns to the server without touching the response again; then the listener
   * is called.
   *
   * @param first what leaves with the head; may be empty
   * @param listener nothing that it holds may reach back to the request
   * @throws IOException when the connection broke; the listener will not be called
   */
  public ResponseStream open(
      HttpServletRequest servletRequest, ByteBuffer first, StreamListener listener)
      throws IOException {
    var contextRequest = ServletContextRequest.getServletContextRequest(servletRequest);
    Request request = Request.unWrap(contextRequest);
    Response response = contextRequest.getServletContextResponse();
    ConnectionMetaData metaData = request.getConnectionMetaData();
    EndPoint endPoint = metaData.getConnection().getEndPoint();
    // HTTP/1.0, which proxies still speak, knows no chunks: its responses end with the connection.
    boolean chunked = metaData.getHttpVersion() == HttpVersion.HTTP_1_1;

    // The session's liveness decides who has gone, not Jetty's idle timeout.
    endPoint.setIdleTimeout(0);
    EndPoints.boundSendBuffer(endPoint, sendBuffer);
    var stream = new ResponseStream(chunked, metaData.getConnector().getScheduler(), listener);
    var connection =
        new StreamConnection(
            endPoint, reads.executor(), metaData.getConnector().getByteBufferPool(), stream);
    stream.attach(endPoint);

    response.getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE.asString());
    if (chunked) {
      // Without its known header Jetty writes the field and leaves the chunks to the stream.
      response.getHeaders().add(new HttpField(null, "Transfer-Encoding", "chunked"));
    }
    request.setAttribute(HttpStream.UPGRADE_CONNECTION_ATTRIBUTE, connection);
    ByteBuffer framed = first.hasRemaining() ? stream.framing().frame(first) : first;
    writeHead(response, framed);
    return stream;
  }

  /**
   * Waits until the head has left, on the request's own thread; Jetty hands the connection over
   * after that thread has returned. It is not the last write, which would state a length.
   */
  private static void writeHead(Response response, ByteBuffer first) throws IOException {
    var written = new FutureCallback();
    response.write(false, first, written);
    try {
      written.get();
    } catch (ExecutionException e) {
      throw new IOException("The connection broke before the response began", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("Interrupted before the response began");
    }
  }
}

package io.heliograph.bench.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * How one browser comes in.
 *
 * @param request the head of its handshake
 * @param hello a text that it sends when the line is open; null: nothing
 * @param answers how many frames the server sends before the browser is where it wants to be
 */
public record Greeting(String request, @Nullable String hello, int answers) {

  /** A handshake and no more. */
  public static Greeting plain(String path, String... headers) {
    return new Greeting(handshake(path, headers), null, 0);
  }

  /** A request whose answer goes on, and is no WebSocket. */
  public static Greeting stream(String path, String... headers) {
    StringBuilder head = new StringBuilder("GET ").append(path).append(" HTTP/1.1\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    return new Greeting(
        head.append("Host: localhost\r\nOrigin: http://localhost\r\n\r\n").toString(), null, 0);
  }

  public static String handshake(String path, String... headers) {
    StringBuilder head = new StringBuilder("GET ").append(path).append(" HTTP/1.1\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    return head.append("Host: localhost\r\nOrigin: http://localhost\r\nUpgrade: websocket\r\n")
        .append("Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n")
        .append("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        .toString();
  }

  ByteBuffer requestBytes() {
    return ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII));
  }
}

package io.heliograph.bench.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The floor: the least that a push server can do. One thread, no checks, no heartbeat, no memory of
 * anything; a copy is one {@code write} of a frame that was made once. What a socket does not take
 * is thrown away, so it must not be used for more than measuring.
 */
final class FloorServer {

  private static final Pattern KEY = Pattern.compile("(?im)^sec-websocket-key: *(\\S+)");
  private static final Pattern LENGTH = Pattern.compile("(?im)^content-length: *(\\d+)");
  private static final String SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final ByteBuffer ACCEPTED =
      direct(
          "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
  private static final ByteBuffer READY =
      direct("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

  /** What stands for a connection that speaks HTTP; a socket's key has its address instead. */
  private static final Object HTTP = new Object();

  private final Selector selector = Selector.open();
  private final Map<String, List<SocketChannel>> socketsByAddress = new HashMap<>();
  private final ByteBuffer in = ByteBuffer.allocateDirect(64 * 1024);

  private FloorServer() throws IOException {}

  public static void main(String[] args) throws IOException {
    new FloorServer().serve(Integer.parseInt(args[0]));
  }

  private void serve(int port) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open();
    server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
    server.bind(new InetSocketAddress("127.0.0.1", port), 1024);
    server.configureBlocking(false);
    server.register(selector, SelectionKey.OP_ACCEPT);
    while (true) {
      selector.select(
          key -> {
            try {
              if (key.isAcceptable()) {
                accept(server);
              } else {
                read(key);
              }
            } catch (IOException e) {
              forget(key);
            }
          });
    }
  }

  private void accept(ServerSocketChannel server) throws IOException {
    SocketChannel channel = server.accept();
    while (channel != null) {
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.register(selector, SelectionKey.OP_READ, HTTP);
      channel = server.accept();
    }
  }

  @SuppressWarnings("ReferenceEquality") // a mark
  private void read(SelectionKey key) throws IOException {
    SocketChannel channel = (SocketChannel) key.channel();
    in.clear();
    if (channel.read(in) < 0) {
      forget(key);
      return;
    }
    if (key.attachment() != HTTP) {
      // A pong or a close; whoever closes is gone soon.
      return;
    }
    byte[] bytes = new byte[in.flip().remaining()];
    in.get(bytes);
    // The load sends each request whole; one that comes in pieces would be more than the least.
    String request = new String(bytes, StandardCharsets.ISO_8859_1);
    String path = request.substring(request.indexOf(' ') + 1, request.indexOf(" HTTP/"));
    Matcher webSocketKey = KEY.matcher(request);
    if (webSocketKey.find()) {
      upgrade(key, channel, path.substring(5), webSocketKey.group(1));
    } else if (request.startsWith("POST")) {
      publish(path.substring(5), body(request));
      channel.write(ACCEPTED.duplicate());
    } else {
      channel.write(READY.duplicate());
    }
  }

  private void upgrade(SelectionKey key, SocketChannel channel, String address, String secKey)
      throws IOException {
    String answer =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + ("Sec-WebSocket-Accept: " + accept(secKey) + "\r\n\r\n");
    channel.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.US_ASCII)));
    key.attach(address);
    socketsByAddress.computeIfAbsent(address, _ -> new ArrayList<>(1)).add(channel);
  }

  private void publish(String address, byte[] payload) {
    ByteBuffer frame = frame(payload);
    for (SocketChannel socket : socketsByAddress.getOrDefault(address, List.of())) {
      try {
        frame.rewind();
        socket.write(frame);
      } catch (IOException e) {
        // Its reading end will tell.
      }
    }
  }

  private void forget(SelectionKey key) {
    List<SocketChannel> there = socketsByAddress.get(String.valueOf(key.attachment()));
    if (there != null) {
      there.remove((SocketChannel) key.channel());
      if (there.isEmpty()) {
        socketsByAddress.remove(String.valueOf(key.attachment()));
      }
    }
    try {
      key.channel().close();
    } catch (IOException e) {
      // Gone is gone.
    }
  }

  private static byte[] body(String request) throws IOException {
    Matcher length = LENGTH.matcher(request);
    String body = request.substring(request.indexOf("\r\n\r\n") + 4);
    if (!length.find() || Integer.parseInt(length.group(1)) != body.length()) {
      throw new IOException("a request in pieces");
    }
    return body.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static ByteBuffer frame(byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocateDirect(4 + payload.length);
    frame.put((byte) 0x81);
    if (payload.length < 126) {
      frame.put((byte) payload.length);
    } else {
      frame.put((byte) 126).putShort((short) payload.length);
    }
    return frame.put(payload).flip();
  }

  private static ByteBuffer direct(byte[] bytes) {
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }

  private static String accept(String key) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest((key + SUFFIX).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-1", e);
    }
  }
}

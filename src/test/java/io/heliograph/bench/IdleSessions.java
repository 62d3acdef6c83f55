package io.heliograph.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;

/**
 * Thousands of browsers that do nothing but answer pings, on one thread. They come from several
 * loopback addresses, so that ports do not run out.
 */
final class IdleSessions implements AutoCloseable {

  private static final int ADDRESSES = 8;
  private static final int PING = 0x89;
  private static final byte[] PONG = {(byte) 0x8a, (byte) 0x80, 0, 0, 0, 0};

  private final InetSocketAddress server;
  private final Selector selector = Selector.open();
  private final ByteBuffer buffer = ByteBuffer.allocate(16 * 1024);
  private int open;
  private int welcomed;

  IdleSessions(int port) throws IOException {
    server = new InetSocketAddress("127.0.0.1", port);
  }

  /** Opens until there are so many, and waits until each was welcomed. */
  void growTo(int count) throws IOException {
    while (welcomed < count) {
      while (open < count && open - welcomed < 40) {
        connect();
      }
      serve(50);
    }
  }

  /** Answers pings for a while. */
  void serveFor(long millis) throws IOException {
    long end = System.nanoTime() + millis * 1_000_000;
    while (System.nanoTime() < end) {
      serve(50);
    }
  }

  private void connect() throws IOException {
    SocketChannel channel = SocketChannel.open();
    channel.bind(new InetSocketAddress("127.0.1." + (1 + open % ADDRESSES), 0));
    channel.connect(server);
    String handshake =
        "GET /ws HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n"
            + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    channel.write(ByteBuffer.wrap(handshake.getBytes(StandardCharsets.US_ASCII)));
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_READ, new Line());
    open++;
  }

  /** What one line has seen so far: enough to know its welcome and to find pings between frames. */
  private static final class Line {
    private boolean upgraded;
    private boolean welcomed;
    private final StringBuilder head = new StringBuilder(0);
  }

  private void serve(long millis) throws IOException {
    selector.select(millis);
    Iterator<SelectionKey> keys = selector.selectedKeys().iterator();
    while (keys.hasNext()) {
      SelectionKey key = keys.next();
      keys.remove();
      read((SocketChannel) key.channel(), (Line) key.attachment());
    }
  }

  private void read(SocketChannel channel, Line line) throws IOException {
    buffer.clear();
    if (channel.read(buffer) < 0) {
      throw new IOException("the server closed a line");
    }
    buffer.flip();
    while (buffer.hasRemaining()) {
      if (!line.upgraded) {
        line.head.append((char) buffer.get());
        if (line.head.length() == 12 && !line.head.toString().endsWith("101")) {
          throw new IOException("refused: " + line.head);
        }
        if (line.head.toString().endsWith("\r\n\r\n")) {
          line.upgraded = true;
          line.head.setLength(0);
          line.head.trimToSize();
        }
        continue;
      }
      // Idle frames are short and arrive whole on loopback; anything else ends the measurement.
      int first = buffer.get() & 0xff;
      int length = buffer.get() & 0x7f;
      if (length == 126) {
        length = buffer.getShort() & 0xffff;
      }
      buffer.position(buffer.position() + length);
      if (first == PING) {
        channel.write(ByteBuffer.wrap(PONG));
      } else if (!line.welcomed) {
        line.welcomed = true;
        welcomed++;
      }
    }
  }

  @Override
  public void close() throws IOException {
    for (SelectionKey key : selector.keys()) {
      key.channel().close();
    }
    selector.close();
  }
}

package io.heliograph.bench.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * One connection of the load. Connecting, reading and writing never wait. What could not be parsed
 * yet or written yet is kept here; between frames a line holds no buffer.
 */
abstract class Line {

  private final Loop loop;
  private final SocketChannel channel;
  private final SelectionKey key;
  private byte @Nullable [] unread;
  private @Nullable ByteBuffer unwritten;
  private boolean connected;
  private boolean closed;

  /**
   * Begins to connect.
   *
   * @param receiveBuffer bytes that the kernel may hold for this line; 0: as it likes
   */
  @SuppressWarnings("this-escape") // nothing is called before the loop turns
  Line(Loop loop, InetSocketAddress from, InetSocketAddress to, int receiveBuffer)
      throws IOException {
    this.loop = loop;
    channel = SocketChannel.open();
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    if (receiveBuffer > 0) {
      channel.setOption(StandardSocketOptions.SO_RCVBUF, receiveBuffer);
    }
    channel.bind(from);
    key = channel.register(loop.selector(), SelectionKey.OP_CONNECT, this);
    if (channel.connect(to)) {
      // At once: there is no connecting to be told of, but there is room to write.
      key.interestOps(SelectionKey.OP_WRITE);
    }
  }

  abstract void onConnected() throws IOException;

  /** Takes what is whole, and leaves the rest in the buffer. */
  abstract void onRead(ByteBuffer in) throws IOException;

  /** The line is gone, by whomever; called once. */
  abstract void onGone(@Nullable IOException failure);

  final void onSelected() {
    try {
      if (!connected) {
        if (channel.finishConnect()) {
          connected = true;
          key.interestOps(SelectionKey.OP_READ);
          onConnected();
        }
        return;
      }
      if (key.isWritable()) {
        flush();
      }
      if (!closed && key.isReadable()) {
        read();
      }
    } catch (IOException e) {
      gone(e);
    }
  }

  private void read() throws IOException {
    ByteBuffer in = loop.in();
    if (unread != null) {
      in.put(unread);
      unread = null;
    }
    int read = channel.read(in);
    if (read < 0) {
      gone(null);
      return;
    }
    in.flip();
    onRead(in);
    if (in.hasRemaining() && !closed) {
      unread = new byte[in.remaining()];
      in.get(unread);
    }
  }

  final void write(ByteBuffer bytes) throws IOException {
    if (unwritten != null) {
      throw new IOException("a write while one is under way");
    }
    channel.write(bytes);
    if (bytes.hasRemaining()) {
      unwritten = bytes;
      key.interestOpsOr(SelectionKey.OP_WRITE);
    }
  }

  private void flush() throws IOException {
    ByteBuffer bytes = unwritten;
    if (bytes != null) {
      channel.write(bytes);
    }
    if (bytes == null || !bytes.hasRemaining()) {
      unwritten = null;
      key.interestOpsAnd(~SelectionKey.OP_WRITE);
    }
  }

  /** Reads no further: the kernel's buffers fill, and then the server's. */
  final void stopReading() {
    if (!closed) {
      key.interestOpsAnd(~SelectionKey.OP_READ);
    }
  }

  final void readOn() {
    if (!closed) {
      key.interestOpsOr(SelectionKey.OP_READ);
    }
  }

  /** Cuts the line without a word, as a network that goes away; leaves no port waiting behind. */
  final void cut() {
    try {
      channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    } catch (IOException e) {
      // It was gone already.
    }
    closed = true;
    close();
  }

  final void gone(@Nullable IOException failure) {
    if (!closed) {
      closed = true;
      close();
      onGone(failure);
    }
  }

  private void close() {
    unread = null;
    unwritten = null;
    try {
      channel.close();
    } catch (IOException e) {
      // Gone is gone.
    }
  }
}

package io.heliograph.transport;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.jspecify.annotations.Nullable;

/** How transports use Jetty's endpoints. */
public final class EndPoints {

  private EndPoints() {}

  /**
   * Writes without waiting. A plain socket takes a single buffer, which most writes are, with the
   * system's simpler call; endpoints always gather.
   *
   * @return true when all has left
   */
  public static boolean flush(EndPoint endPoint, ByteBuffer[] buffers) throws IOException {
    if (buffers.length == 1 && endPoint instanceof SocketChannelEndPoint plain) {
      plain.getChannel().write(buffers[0]);
      return !buffers[0].hasRemaining();
    }
    return endPoint.flush(buffers);
  }

  /**
   * Bounds what the kernel buffers for a peer. It would let the buffer grow to megabytes, and takes
   * more only when a third of it is free: a slow reader would seem to have stopped.
   */
  public static void boundSendBuffer(EndPoint endPoint, int bytes) throws IOException {
    SocketChannel socket = socket(endPoint);
    if (socket != null) {
      socket.setOption(StandardSocketOptions.SO_SNDBUF, bytes);
    }
  }

  /** Behind TLS the channel is that of the endpoint below. */
  private static @Nullable SocketChannel socket(EndPoint endPoint) {
    Object transport = endPoint;
    while (transport instanceof EndPoint above) {
      transport = above.getTransport();
    }
    return transport instanceof SocketChannel socket ? socket : null;
  }

  /** Touches what a write will need; see {@code io.heliograph.session.ReadAhead}. */
  public static int readAhead(@Nullable EndPoint endPoint) {
    if (!(endPoint instanceof SocketChannelEndPoint plain)) {
      return 0;
    }
    SocketChannel channel = plain.getChannel();
    return (int) plain.getIdleTimeout()
        + (channel.isOpen() ? 1 : 0)
        + (channel.isConnected() ? 1 : 0);
  }
}

package io.heliograph.transport;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.EndPoint;
import org.jspecify.annotations.Nullable;

/** How transports set up Jetty's endpoints. */
public final class EndPoints {

  private EndPoints() {}

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
}

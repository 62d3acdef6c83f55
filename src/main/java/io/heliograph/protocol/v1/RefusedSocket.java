package io.heliograph.protocol.v1;

import io.heliograph.hub.ConnectionLimits;
import io.heliograph.session.CloseReason;
import io.heliograph.session.DuplexTransport;
import io.heliograph.transport.websocket.WebSocketListener;
import org.jspecify.annotations.Nullable;

/**
 * A socket that is opened only to be closed with a reason that its page can read. It is no session,
 * but has a session's place in the limits until it is gone.
 */
final class RefusedSocket implements WebSocketListener {

  private final ConnectionLimits limits;
  private final CloseReason reason;

  /** The place that is taken; null while there is none. Under the lock of this. */
  private @Nullable String address;

  private boolean closed;

  RefusedSocket(ConnectionLimits limits, CloseReason reason) {
    this.limits = limits;
    this.reason = reason;
  }

  @Override
  public void onOpen(DuplexTransport socket) {
    if (takePlace(socket.remoteAddress())) {
      socket.close(reason);
    } else {
      socket.abort();
    }
  }

  private synchronized boolean takePlace(String from) {
    if (closed || limits.take(from) != ConnectionLimits.Room.FREE) {
      return false;
    }
    address = from;
    return true;
  }

  @Override
  public void onText(String text) {
    // Its connection is being closed.
  }

  @Override
  public synchronized void onClosed(CloseReason why, int code) {
    closed = true;
    if (address != null) {
      limits.giveBack(address);
      address = null;
    }
  }
}

package io.heliograph.transport.engineio;

import io.heliograph.session.CloseReason;
import io.heliograph.session.DuplexTransport;
import io.heliograph.transport.websocket.WebSocketListener;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket that is to carry a session which began with polling. The client probes it, and asks
 * for the upgrade when the probe was answered and its last poll has ended; only then it is the
 * session's. A socket that fails before leaves the session with polling.
 */
final class EngineUpgrade implements WebSocketListener {

  /** Frames that a client may send before it asks: the probe, the upgrade, and pings. */
  private static final int MOST_FRAMES = 16;

  private final @Nullable EngineTransport session;
  private @Nullable DuplexTransport socket;
  private int frames;
  private volatile boolean upgraded;

  /**
   * @param session null: there is none of the name that the client gave, and the socket is cut
   */
  EngineUpgrade(@Nullable EngineTransport session) {
    this.session = session;
  }

  @Override
  public void onOpen(DuplexTransport opened) {
    socket = opened;
    if (session == null || !session.offers(opened)) {
      // No orderly close: it would keep a socket that no limit counts.
      opened.abort();
    }
  }

  @Override
  public void onText(String text) {
    DuplexTransport candidate = candidate();
    if (upgraded) {
      session().onText(text);
    } else if (text.equals("2probe")) {
      if (!session().probes(candidate)) {
        candidate.close(CloseReason.BAD_FRAME);
      }
    } else if (text.equals("5") && session().upgrades(candidate)) {
      upgraded = true;
    } else {
      candidate.close(CloseReason.BAD_FRAME);
    }
  }

  @Override
  public void onBinary(ByteBuffer data) {
    if (upgraded) {
      session().onBinary(data);
    } else {
      candidate().close(CloseReason.BAD_FRAME);
    }
  }

  @Override
  public boolean onFrame() {
    if (upgraded) {
      return session().listener().onPacket();
    }
    if (++frames <= MOST_FRAMES) {
      return true;
    }
    candidate().close(CloseReason.TOO_MANY);
    return false;
  }

  @Override
  public boolean onPong(int number) {
    return onFrame();
  }

  @Override
  public boolean onRefused(CloseReason reason) {
    if (upgraded) {
      session().listener().onMalformed(reason, "a message within its limit");
    }
    return upgraded;
  }

  private EngineTransport session() {
    if (session == null) {
      throw new IllegalStateException("a frame of a socket that was cut");
    }
    return session;
  }

  private DuplexTransport candidate() {
    if (socket == null) {
      throw new IllegalStateException("a frame before the opening");
    }
    return socket;
  }

  @Override
  public void onClosed(CloseReason reason, int code) {
    if (session != null && upgraded) {
      session.socketClosed(reason, code);
    } else if (session != null && socket != null) {
      session.withdraws(socket);
    }
  }
}

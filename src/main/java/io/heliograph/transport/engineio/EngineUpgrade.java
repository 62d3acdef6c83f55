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

  /** Needed until it has upgraded the session. */
  private @Nullable PollingCarrier session;

  private @Nullable DuplexTransport socket;
  private int frames;

  /** What the socket is after the upgrade; null before. */
  private volatile @Nullable EngineSocket upgraded;

  /**
   * @param session null: there is none of the name that the client gave, and the socket is cut
   */
  EngineUpgrade(@Nullable PollingCarrier session) {
    this.session = session;
  }

  @Override
  public void onOpen(DuplexTransport opened) {
    socket = opened;
    PollingCarrier polling = session;
    if (polling == null || !polling.offers(opened)) {
      // No orderly close: it would keep a socket that no limit counts.
      opened.abort();
    } else if (opened.hasEnded()) {
      // Its end was reported before it was a candidate.
      polling.withdraws(opened);
    }
  }

  @Override
  public void onText(String text) {
    EngineSocket carrier = upgraded;
    if (carrier != null) {
      carrier.onText(text);
      return;
    }
    PollingCarrier polling = session;
    DuplexTransport candidate = socket;
    if (polling == null || candidate == null) {
      throw new IllegalStateException("a message of a socket that was cut");
    }
    boolean asExpected =
        switch (text) {
          case "2probe" -> polling.probes(candidate);
          case "5" -> upgrade(polling, candidate);
          default -> false;
        };
    if (!asExpected) {
      candidate.close(CloseReason.BAD_FRAME);
    }
  }

  private boolean upgrade(PollingCarrier polling, DuplexTransport candidate) {
    // First, so that an end of the socket is the session's end from the moment of the upgrade on.
    upgraded = new EngineSocket(polling.session(), null);
    if (!polling.upgrades(candidate)) {
      upgraded = null;
      return false;
    }
    session = null;
    return true;
  }

  @Override
  public void onBinary(ByteBuffer data) {
    EngineSocket carrier = upgraded;
    if (carrier != null) {
      carrier.onBinary(data);
    } else {
      close(CloseReason.BAD_FRAME);
    }
  }

  @Override
  public boolean onFrame() {
    EngineSocket carrier = upgraded;
    if (carrier != null) {
      return carrier.onFrame();
    }
    if (++frames <= MOST_FRAMES) {
      return true;
    }
    close(CloseReason.TOO_MANY);
    return false;
  }

  @Override
  public boolean onPong(int number) {
    return onFrame();
  }

  @Override
  public boolean onRefused(CloseReason reason) {
    EngineSocket carrier = upgraded;
    return carrier != null && carrier.onRefused(reason);
  }

  private void close(CloseReason reason) {
    if (socket != null) {
      socket.close(reason);
    }
  }

  @Override
  public void onClosed(CloseReason reason, int code) {
    EngineSocket carrier = upgraded;
    PollingCarrier polling = session;
    if (carrier != null) {
      carrier.onClosed(reason, code);
    } else if (polling != null && socket != null) {
      polling.withdraws(socket);
    }
  }
}

package io.heliograph.transport.engineio;

import io.heliograph.session.CloseReason;
import io.heliograph.session.DuplexTransport;
import io.heliograph.transport.websocket.WebSocketListener;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A WebSocket that carries a session, from the first or after an upgrade. */
final class EngineSocket implements WebSocketListener {

  private final EngineTransport session;

  /** The packet that opens the session; null once it has opened. */
  private @Nullable ByteBuffer opening;

  /**
   * @param opening the packet that opens the session, framed; null: it has opened
   */
  EngineSocket(EngineTransport session, @Nullable ByteBuffer opening) {
    this.session = session;
    this.opening = opening;
  }

  @Override
  public void onOpen(DuplexTransport socket) {
    ByteBuffer packet = opening;
    opening = null;
    if (packet != null) {
      session.open(socket, packet);
    }
  }

  @Override
  public void onText(String text) {
    session.onText(text);
  }

  @Override
  public void onBinary(ByteBuffer data) {
    session.listener().onBinary(data);
  }

  @Override
  public boolean onFrame() {
    return session.listener().onPacket();
  }

  /** An answer to no ping of this side, which sends packets instead. */
  @Override
  public boolean onPong(int number) {
    return onFrame();
  }

  @Override
  public boolean onRefused(CloseReason reason) {
    session.listener().onMalformed(reason, "a message within its limit");
    return true;
  }

  @Override
  public void onClosed(CloseReason reason, int code) {
    session.socketClosed(reason, code);
  }
}

package io.heliograph.transport.engineio;

import io.heliograph.session.CloseReason;
import io.heliograph.session.DuplexTransport;
import io.heliograph.transport.websocket.WebSocketListener;
import java.nio.ByteBuffer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A WebSocket that carries a session, from the first or after an upgrade. */
final class EngineSocket implements WebSocketListener {

  /** Needed until the socket opens. */
  private @Nullable Function<DuplexTransport, EngineTransport> opening;

  private @Nullable EngineTransport session;

  /**
   * @param opening makes the session of an opened socket
   */
  EngineSocket(Function<DuplexTransport, EngineTransport> opening) {
    this.opening = opening;
  }

  /** One that has opened already. */
  EngineSocket(EngineTransport session) {
    this.session = session;
  }

  @Override
  public void onOpen(DuplexTransport socket) {
    Function<DuplexTransport, EngineTransport> open = opening;
    opening = null;
    if (open != null) {
      session = open.apply(socket);
    }
  }

  @Override
  public void onText(String text) {
    session().onText(text);
  }

  @Override
  public void onBinary(ByteBuffer data) {
    session().listener().onBinary(data);
  }

  @Override
  public boolean onFrame() {
    return session().listener().onPacket();
  }

  /** An answer to no ping of this side, which sends packets instead. */
  @Override
  public boolean onPong(int number) {
    return onFrame();
  }

  @Override
  public boolean onRefused(CloseReason reason) {
    session().listener().onMalformed(reason, "a message within its limit");
    return true;
  }

  private EngineTransport session() {
    if (session == null) {
      throw new IllegalStateException("a frame before the opening");
    }
    return session;
  }

  @Override
  public void onClosed(CloseReason reason, int code) {
    EngineTransport carried = session;
    if (carried != null) {
      carried.socketClosed(reason, code);
    }
  }
}

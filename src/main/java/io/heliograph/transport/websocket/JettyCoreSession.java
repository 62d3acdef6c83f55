package io.heliograph.transport.websocket;

import io.heliograph.server.SocketEnds;
import io.heliograph.session.CloseReason;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadPendingException;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.Behavior;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.Negotiated;
import org.eclipse.jetty.websocket.core.WebSocketComponents;
import org.eclipse.jetty.websocket.core.WebSocketCoreSession;
import org.eclipse.jetty.websocket.core.exception.CloseException;

/**
 * Jetty's session, with two differences: a line that broke ends in its turn ({@link SocketEnds}),
 * and where Jetty cuts the line right after an error's close frame, this one goes on reading until
 * the peer leaves. Closing a TCP connection with unread bytes resets it, and the peer would lose
 * the very frame that tells it what was wrong.
 */
final class JettyCoreSession extends WebSocketCoreSession {

  private final WebSocketFrameHandler frames;
  private final SocketEnds ends;

  JettyCoreSession(
      WebSocketFrameHandler frames,
      SocketEnds ends,
      Negotiated negotiated,
      WebSocketComponents components) {
    super(frames, Behavior.SERVER, negotiated, components);
    this.frames = frames;
    this.ends = ends;
  }

  /** The line has broken, or the peer has left after its close. */
  @Override
  public void onEof() {
    ends.execute(super::onEof);
  }

  /** Our frames need no context class loader. */
  @Override
  protected void handle(Runnable runnable) {
    runnable.run();
  }

  /**
   * What Jetty's parser refuses: reserved opcodes, control frames that are too long, bad close
   * frames.
   */
  @Override
  public void processConnectionError(Throwable cause, Callback callback) {
    if (cause instanceof CloseException refusal) {
      frames.socket().close(reason(refusal.getStatusCode()));
      keepFilling();
      callback.succeeded();
    } else {
      super.processConnectionError(cause, callback);
    }
  }

  /**
   * What is wrong with a whole frame: no mask, reserved bits, out of sequence; or a fault in a
   * listener.
   */
  @Override
  public void processHandlerError(Throwable cause, Callback callback) {
    if (cause instanceof ClosedChannelException) {
      // Frames behind the peer's own close: read past them, its close is being answered.
      callback.succeeded();
      return;
    }
    frames
        .socket()
        .close(
            cause instanceof CloseException refusal
                ? reason(refusal.getStatusCode())
                : CloseReason.FAULT);
    demand();
    callback.succeeded();
  }

  /**
   * The parser has thrown away what it had, and its loop ends without asking for more: ask in its
   * place.
   */
  private void keepFilling() {
    try {
      getConnection().fillInterested();
    } catch (ReadPendingException e) {
      // Somebody asks already.
    }
  }

  private static CloseReason reason(int code) {
    return switch (code) {
      case CloseStatus.PROTOCOL -> CloseReason.PROTOCOL_ERROR;
      case CloseStatus.BAD_PAYLOAD -> CloseReason.INVALID_TEXT;
      case CloseStatus.MESSAGE_TOO_LARGE -> CloseReason.TOO_BIG;
      default -> CloseReason.FAULT;
    };
  }
}

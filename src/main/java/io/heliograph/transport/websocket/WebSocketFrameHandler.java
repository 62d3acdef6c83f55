package io.heliograph.transport.websocket;

import io.heliograph.session.CloseReason;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.OpCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a browser's frames become messages. Jetty has parsed and unmasked them, and checks their
 * order; assembling, UTF-8, limits, pongs and the pace are here. The next frame is asked for only
 * when the last one is dealt with, a ping only when its pong has left: a peer that sends without
 * reading stops being read.
 */
final class WebSocketFrameHandler implements FrameHandler {

  private static final Logger log = LoggerFactory.getLogger(WebSocketFrameHandler.class);

  private final WebSocketTransport socket;
  private final WebSocketListener listener;
  private final WebSocketLimits limits;

  /**
   * The message of which a part has come; null between messages, so that an idle socket holds no
   * buffer.
   */
  private @Nullable Assembly message;

  WebSocketFrameHandler(
      WebSocketTransport socket, WebSocketListener listener, WebSocketLimits limits) {
    this.socket = socket;
    this.listener = listener;
    this.limits = limits;
  }

  WebSocketTransport socket() {
    return socket;
  }

  @Override
  public void onOpen(CoreSession session, Callback callback) {
    try {
      listener.onOpen(socket);
    } catch (RuntimeException e) {
      fault(e);
    }
    callback.succeeded();
    session.demand();
  }

  @Override
  public void onFrame(Frame frame, Callback callback) {
    switch (frame.getOpCode()) {
      case OpCode.CLOSE -> {
        socket.peerCloses();
        callback.succeeded();
      }
      case OpCode.PING -> answer(frame, callback);
      default -> {
        try {
          if (!socket.isClosing()) {
            take(frame);
          }
        } catch (RuntimeException e) {
          fault(e);
        }
        callback.succeeded();
        socket.readOn();
      }
    }
  }

  private void take(Frame frame) {
    if (frame.getOpCode() == OpCode.PONG) {
      ByteBuffer payload = frame.getPayload();
      listener.onPong(payload.remaining() == 1 ? payload.get(payload.position()) & 0xff : -1);
      return;
    }
    if (frame.getOpCode() == OpCode.BINARY && !limits.binary()) {
      socket.close(CloseReason.UNSUPPORTED_DATA);
      return;
    }
    if (message == null) {
      message =
          frame.getOpCode() == OpCode.BINARY
              ? new BinaryAssembly()
              : new TextAssembly(frame.getPayloadLength());
    }
    Assembly assembly = message;
    ByteBuffer payload = frame.getPayload();
    if (payload.remaining() > limits.maxMessage() - assembly.size()) {
      message = null;
      socket.close(CloseReason.TOO_BIG);
      return;
    }
    try {
      assembly.append(payload, frame.isFin());
    } catch (CharacterCodingException e) {
      message = null;
      socket.close(CloseReason.INVALID_TEXT);
      return;
    }
    if (frame.isFin()) {
      message = null;
      assembly.deliver(listener);
    }
  }

  private void answer(Frame ping, Callback callback) {
    if (socket.isClosing()) {
      callback.succeeded();
      socket.readOn();
      return;
    }
    try {
      listener.onPing();
    } catch (RuntimeException e) {
      fault(e);
    }
    socket.pong(
        ping.getPayload(),
        _ -> {
          callback.succeeded();
          socket.readOn();
        });
  }

  private void fault(RuntimeException failure) {
    log.error("A listener failed; its socket is closed", failure);
    socket.close(CloseReason.FAULT);
  }

  /** Jetty calls {@link #onClosed} next, which says the same. */
  @Override
  public void onError(Throwable cause, Callback callback) {
    callback.succeeded();
  }

  @Override
  public void onClosed(CloseStatus status, Callback callback) {
    message = null;
    CloseReason reason = socket.ended();
    if (reason != null) {
      try {
        listener.onClosed(reason, reason == CloseReason.GONE ? status.getCode() : reason.code());
      } catch (RuntimeException e) {
        log.error("A listener failed at the end of its socket", e);
      }
    }
    callback.succeeded();
  }
}

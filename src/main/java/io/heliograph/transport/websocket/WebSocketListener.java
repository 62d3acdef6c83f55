package io.heliograph.transport.websocket;

import io.heliograph.session.CloseReason;
import io.heliograph.session.DuplexTransport;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a browser's frames reach after this layer has made messages of them. Called by one thread at
 * a time, never with a lock held, on one of the few threads that read all sockets: nothing here may
 * block. An exception closes the socket with 1011.
 */
public interface WebSocketListener {

  /** The first call; writing is allowed from here on. */
  void onOpen(DuplexTransport socket);

  /** A whole text message, valid UTF-8 and within the limit. */
  void onText(String text);

  /**
   * A whole binary message; only where {@link WebSocketLimits#binary()} allows it, otherwise the
   * layer closes with 1003.
   *
   * @param data owned by the receiver
   */
  default void onBinary(ByteBuffer data) {
    throw new UnsupportedOperationException("binary message on a text route");
  }

  /**
   * A binary message begins. The fragments of one that is received as it arrives are not reported
   * to {@link #onFrame}, unless they are empty.
   *
   * @return what receives it as it arrives; null: it comes whole or is refused
   */
  default @Nullable BinaryReceiver onBinaryBegin() {
    return null;
  }

  /**
   * A frame has begun to arrive, of whatever kind except a pong: the first or a later one of a
   * message, or a ping, with or without payload. It comes before what the frame leads to, so that a
   * limit on frames counts what arrives and not what completes.
   *
   * @return false when it is one too many: it and all that follow are thrown away, while the
   *     listener closes the socket
   */
  default boolean onFrame() {
    return true;
  }

  /**
   * The browser gave a sign of life.
   *
   * @param number of the ping that it answers; -1: of none
   * @return as {@link #onFrame}
   */
  default boolean onPong(int number) {
    return true;
  }

  /**
   * A message is refused by this layer: it is too large, or of the wrong kind.
   *
   * @param reason why, and what the socket is going to be closed with
   * @return true when the listener closes it, after what it has to say
   */
  default boolean onRefused(CloseReason reason) {
    return false;
  }

  /**
   * The last call, once, whatever ended the connection. On any thread, and maybe before {@link
   * #onOpen} has returned: a first write that finds the connection broken ends it.
   *
   * @param reason what this side closed with; {@link CloseReason#GONE} when the browser closed or
   *     the connection broke
   * @param code the close code: ours, or the browser's, 1005 when it gave none, 1006 when the
   *     connection broke
   */
  void onClosed(CloseReason reason, int code);

  /** Makes the listener of one accepted handshake. */
  @FunctionalInterface
  interface Factory {
    /**
     * Must take nothing that needs giving back: the connection may be lost before {@link #onOpen}.
     */
    WebSocketListener create(HandshakeInfo info);
  }
}

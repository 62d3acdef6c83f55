package io.heliograph.transport.websocket;

import java.nio.ByteBuffer;

/**
 * Takes one binary message as it arrives, so that it is never held as a whole. Called as {@link
 * WebSocketListener} is. It may pause reading; then no more comes until it is resumed.
 */
public interface BinaryReceiver {

  /**
   * A fragment begins: its header has come.
   *
   * @param length an unsigned number
   * @return false when the message is too large, which closes the socket with 1009
   */
  boolean onFragment(long length);

  /**
   * Some of the message's bytes.
   *
   * @param piece valid during the call
   */
  void onPiece(ByteBuffer piece);

  /** The message is complete. Not called when the socket ends before. */
  void onEnd();
}

package io.heliograph.transport.websocket;

import java.nio.ByteBuffer;

/** A binary message whose pieces are handed on as they come. */
record StreamedBinary(BinaryReceiver receiver) implements Assembly {

  /** Nothing is held. */
  @Override
  public int size() {
    return 0;
  }

  @Override
  public void append(ByteBuffer piece, boolean last) {
    receiver.onPiece(piece);
  }

  @Override
  public void deliver(WebSocketListener listener) {
    receiver.onEnd();
  }
}

package io.heliograph.transport.websocket;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** The pieces of a binary message. */
final class BinaryAssembly implements Assembly {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  @Override
  public int size() {
    return bytes.size();
  }

  @Override
  public void append(ByteBuffer piece, boolean last) {
    byte[] copy = new byte[piece.remaining()];
    piece.get(copy);
    bytes.writeBytes(copy);
  }

  @Override
  public void deliver(WebSocketListener listener) {
    listener.onBinary(ByteBuffer.wrap(bytes.toByteArray()));
  }
}

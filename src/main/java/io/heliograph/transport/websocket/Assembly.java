package io.heliograph.transport.websocket;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;

/** A message of which the fragments are arriving. Used by one thread at a time. */
sealed interface Assembly permits TextAssembly, BinaryAssembly, StreamedBinary {

  /** The bytes so far. */
  int size();

  /**
   * Takes the next piece.
   *
   * @param last whether the message ends with it
   * @throws CharacterCodingException as soon as no continuation could make the text valid
   */
  void append(ByteBuffer piece, boolean last) throws CharacterCodingException;

  /** After the last piece. */
  void deliver(WebSocketListener listener);
}

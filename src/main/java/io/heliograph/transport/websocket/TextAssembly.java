package io.heliograph.transport.websocket;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/**
 * The pieces of a text message, decoded as they come (RFC 6455 section 8.1). A character may be cut
 * anywhere; the decoder refuses its first bytes as soon as no further byte could complete them.
 */
final class TextAssembly implements Assembly {

  /** The longest beginning of a character that may still be completed. */
  private static final int MAX_CARRY = 3;

  private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
  private final StringBuilder text;
  private int size;

  /** The beginning of a character whose end has not come; at most {@link #MAX_CARRY} bytes. */
  private ByteBuffer carry = ByteBuffer.allocate(0);

  TextAssembly(int expected) {
    this.text = new StringBuilder(expected);
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public void append(ByteBuffer piece, boolean last) throws CharacterCodingException {
    size += piece.remaining();
    ByteBuffer in = piece;
    if (carry.hasRemaining()) {
      in = ByteBuffer.allocate(carry.remaining() + piece.remaining());
      in.put(carry).put(piece).flip();
    }
    CharBuffer chars = CharBuffer.allocate(Math.clamp(in.remaining(), 2, 8192));
    CoderResult result;
    do {
      result = decoder.decode(in, chars, last);
      if (result.isError()) {
        result.throwException();
      }
      text.append(chars.flip());
      chars.clear();
    } while (result.isOverflow());
    carry = in.hasRemaining() ? copyOf(in) : ByteBuffer.allocate(0);
  }

  private static ByteBuffer copyOf(ByteBuffer rest) {
    return ByteBuffer.allocate(MAX_CARRY).put(rest).flip();
  }

  @Override
  public void deliver(WebSocketListener listener) {
    listener.onText(text.toString());
  }
}

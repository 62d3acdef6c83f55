package io.heliograph.message;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/** Strict UTF-8: invalid input is refused instead of being replaced. */
public final class Utf8 {

  private static final char REPLACEMENT = '\ufffd';

  private Utf8() {}

  /**
   * The text of a JSON document. Over-long forms and lone surrogates are no UTF-8 (RFC 3629).
   *
   * @throws CharacterCodingException when it is not UTF-8
   */
  public static String decode(byte[] bytes, int from, int length) throws CharacterCodingException {
    String text = new String(bytes, from, length, StandardCharsets.UTF_8);
    if (text.indexOf(REPLACEMENT) >= 0) {
      // Either replaced here or present in the input: the strict decoder shows which.
      requireValid(ByteBuffer.wrap(bytes, from, length));
    }
    // RFC 8259 section 8.1: a byte order mark may be ignored.
    return text.startsWith("\ufeff") ? text.substring(1) : text;
  }

  private static void requireValid(ByteBuffer bytes) throws CharacterCodingException {
    CharBuffer text = CharBuffer.allocate(bytes.remaining());
    CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(bytes, text, true);
    if (result.isError()) {
      result.throwException();
    }
  }

  /**
   * How many bytes compact JSON has as UTF-8.
   *
   * @throws IllegalArgumentException when it holds a surrogate without its other half, or a control
   *     character, which compact JSON can only hold as an escape
   */
  public static int length(String json) {
    int bytes = 0;
    int length = json.length();
    for (int i = 0; i < length; i++) {
      char c = json.charAt(i);
      if (c < ' ') {
        throw new IllegalArgumentException("a control character in JSON");
      } else if (c < 0x80) {
        bytes++;
      } else if (c < 0x800) {
        bytes += 2;
      } else if (!Character.isSurrogate(c)) {
        bytes += 3;
      } else if (Character.isHighSurrogate(c)
          && i + 1 < length
          && Character.isLowSurrogate(json.charAt(i + 1))) {
        bytes += 4;
        i++;
      } else {
        throw new IllegalArgumentException("a surrogate without its other half");
      }
    }
    return bytes;
  }
}

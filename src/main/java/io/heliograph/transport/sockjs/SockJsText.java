package io.heliograph.transport.sockjs;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Texts as SockJS writes them: JSON strings in which everything is escaped that some browser's
 * transport would lose.
 */
final class SockJsText {

  private static final JsonFactory JSON = new JsonFactory();
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  /** A backslash, a u and four digits. */
  private static final int ESCAPED = 6;

  private SockJsText() {}

  /** How many bytes {@link #escape} makes of these. */
  static int escapedLength(ByteBuffer utf8) {
    int length = 0;
    for (int i = utf8.position(); i < utf8.limit(); i++) {
      byte b = utf8.get(i);
      if (b == '"' || b == '\\') {
        length += 2;
      } else if (b >= 0 && b < ' ') {
        length += ESCAPED;
      } else if (isEscaped(utf8, i)) {
        length += ESCAPED;
        i += 2;
      } else {
        length++;
      }
    }
    return length;
  }

  /**
   * @param utf8 not consumed
   */
  static void escape(ByteBuffer utf8, ByteBuffer to) {
    for (int i = utf8.position(); i < utf8.limit(); i++) {
      byte b = utf8.get(i);
      if (b == '"' || b == '\\') {
        to.put((byte) '\\').put(b);
      } else if (b >= 0 && b < ' ') {
        escape(b, to);
      } else if (isEscaped(utf8, i)) {
        escape((b & 0x0f) << 12 | (utf8.get(i + 1) & 0x3f) << 6 | (utf8.get(i + 2) & 0x3f), to);
        i += 2;
      } else {
        to.put(b);
      }
    }
  }

  private static void escape(int c, ByteBuffer to) {
    to.put((byte) '\\').put((byte) 'u');
    for (int shift = 12; shift >= 0; shift -= 4) {
      to.put(HEX[c >> shift & 0x0f]);
    }
  }

  /** U+200C to 200F, 2028 to 202F, 2060 to 206F and FFF0 to FFFF, each of three bytes. */
  private static boolean isEscaped(ByteBuffer utf8, int at) {
    byte first = utf8.get(at);
    if ((first != (byte) 0xe2 && first != (byte) 0xef) || at + 2 >= utf8.limit()) {
      return false;
    }
    int rest = ((utf8.get(at + 1) & 0xff) << 8) | (utf8.get(at + 2) & 0xff);
    return first == (byte) 0xef
        ? rest >= 0xbfb0
        : (rest >= 0x808c && rest <= 0x808f)
            || (rest >= 0x80a8 && rest <= 0x80af)
            || (rest >= 0x81a0 && rest <= 0x81af);
  }

  /**
   * The texts that a client sends: an array of strings, or a single one.
   *
   * @return null when it is neither
   */
  static @Nullable List<String> parse(String json) {
    List<String> texts = new ArrayList<>(1);
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
      JsonToken token = parser.nextToken();
      boolean array = token == JsonToken.START_ARRAY;
      if (array) {
        token = parser.nextToken();
      }
      while (token == JsonToken.VALUE_STRING) {
        texts.add(parser.getString());
        token = array ? parser.nextToken() : null;
      }
      boolean complete = array ? token == JsonToken.END_ARRAY : !texts.isEmpty();
      return complete && parser.nextToken() == null ? texts : null;
    } catch (JacksonException e) {
      return null;
    }
  }
}

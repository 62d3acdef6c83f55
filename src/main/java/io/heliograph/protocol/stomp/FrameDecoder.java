package io.heliograph.protocol.stomp;

import io.heliograph.message.Utf8;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a client's frames from bytes that come in pieces of any size: a frame may be split over
 * WebSocket messages, and one message may hold several. Exists only while bytes wait, so that an
 * idle connection holds no buffer. Used by one thread at a time.
 *
 * <p>Spring's decoder is not used: it refuses a CRLF that is split between two pieces, passes over
 * a {@code content-length} that is no number, logs headers, tokens among them, and knows no 1.0.
 */
final class FrameDecoder {

  private static final int MAX_HEADERS = 32;

  private final int maxFrame;
  private byte[] bytes = {};
  private int begin;
  private int end;

  /** Of the frame that is being read. */
  private int at;

  FrameDecoder(int maxFrame) {
    this.maxFrame = maxFrame;
  }

  void add(byte[] piece) {
    if (begin == end) {
      bytes = piece;
      begin = 0;
      end = piece.length;
      return;
    }
    byte[] joined = Arrays.copyOfRange(bytes, begin, end + piece.length);
    System.arraycopy(piece, 0, joined, end - begin, piece.length);
    end += piece.length - begin;
    begin = 0;
    bytes = joined;
  }

  /** Whether nothing waits. */
  boolean isEmpty() {
    return begin == end;
  }

  /**
   * The next frame; EOLs before it are passed over.
   *
   * @param version decides what is escaped
   * @return null when its rest has not come yet
   */
  @Nullable StompFrame next(StompVersion version) throws StompException {
    at = begin;
    String command = line();
    while (command != null && command.isEmpty()) {
      begin = at;
      command = line();
    }
    StompFrame frame = command == null ? null : frame(command, version);
    if (frame == null) {
      if (end - begin > maxFrame) {
        throw tooBig();
      }
      return null;
    }
    if (at - begin > maxFrame) {
      throw tooBig();
    }
    begin = at;
    return frame;
  }

  private @Nullable StompFrame frame(String name, StompVersion version) throws StompException {
    StompFrame.Command command = StompFrame.Command.of(name);
    if (command == null) {
      throw StompException.malformed(
          "the command has to be one that clients send, in capital letters");
    }
    Map<String, String> headers = HashMap.newHashMap(8);
    int count = 0;
    for (String line = line(); ; line = line()) {
      if (line == null) {
        return null;
      }
      if (line.isEmpty()) {
        break;
      }
      if (++count > MAX_HEADERS) {
        throw StompException.malformed("a frame has at most " + MAX_HEADERS + " headers");
      }
      header(line, command.connects() ? StompVersion.V1_0 : version, headers);
    }
    byte[] body = body(headers.get("content-length"));
    if (body != null && body.length > 0 && command != StompFrame.Command.SEND) {
      throw StompException.malformed(command + ": only SEND has a body");
    }
    return body == null ? null : new StompFrame(command, headers, body);
  }

  private static void header(String line, StompVersion version, Map<String, String> headers)
      throws StompException {
    int colon = line.indexOf(':');
    String name = colon <= 0 ? null : version.unescape(line.substring(0, colon));
    if (name == null) {
      throw StompException.malformed("a header has the form name:value");
    }
    String value = version.unescape(line.substring(colon + 1));
    if (value == null) {
      throw StompException.malformed("a header's escapes are \\\\, \\n, \\r and \\c");
    }
    headers.putIfAbsent(name, value);
  }

  /** Null when its rest has not come. */
  private byte @Nullable [] body(@Nullable String contentLength) throws StompException {
    int from = at;
    int to;
    if (contentLength == null) {
      to = from;
      while (to < end && bytes[to] != 0) {
        to++;
      }
    } else {
      to = from + length(contentLength);
    }
    if (to >= end) {
      return null;
    }
    if (bytes[to] != 0) {
      throw StompException.malformed(
          "a frame ends with a NUL, behind content-length bytes of body");
    }
    at = to + 1;
    return Arrays.copyOfRange(bytes, from, to);
  }

  private int length(String text) throws StompException {
    if (text.isEmpty() || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw StompException.malformed("content-length has to be a number");
    }
    if (text.length() > 9 || Integer.parseInt(text) > maxFrame) {
      throw tooBig();
    }
    return Integer.parseInt(text);
  }

  private StompException tooBig() {
    return StompException.tooBig(
        "A frame has at most " + maxFrame + " bytes (heliograph.websocket.max-frame)");
  }

  /** The next line without its end; null when that has not come. */
  private @Nullable String line() throws StompException {
    for (int i = at; i < end; i++) {
      if (bytes[i] == 0) {
        throw StompException.malformed("a NUL in a header, or an empty line is missing behind it");
      }
      if (bytes[i] == '\n') {
        int to = i > at && bytes[i - 1] == '\r' ? i - 1 : i;
        String line = text(at, to);
        if (line.indexOf('\r') >= 0) {
          throw StompException.malformed("a CR stands only before an LF");
        }
        at = i + 1;
        return line;
      }
    }
    return null;
  }

  private String text(int from, int to) throws StompException {
    try {
      return Utf8.decode(bytes, from, to - from);
    } catch (CharacterCodingException e) {
      throw StompException.malformed("command and headers have to be UTF-8");
    }
  }
}

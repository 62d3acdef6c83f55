package io.heliograph.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One answer of HTTP/1.1 as it comes in, in any pieces; its body is counted and thrown away. */
final class HttpReply {

  private static final Pattern LENGTH = Pattern.compile("(?im)^content-length: *(\\d+)");
  private static final Pattern CHUNKED = Pattern.compile("(?im)^transfer-encoding: *chunked");

  private enum State {
    HEAD,
    BODY,
    CHUNK_SIZE,
    CHUNK,
    LAST_LINE,
    WHOLE
  }

  private State state = State.HEAD;
  private int status;
  private long missing;

  int status() {
    return status;
  }

  /** Takes what it can use; true when the answer is whole. */
  boolean take(ByteBuffer in) throws IOException {
    while (state != State.WHOLE && step(in)) {
      // As far as it goes.
    }
    return state == State.WHOLE;
  }

  /** False when more has to come first. */
  @SuppressWarnings("RefactorSwitch") // each state ends on its own
  private boolean step(ByteBuffer in) throws IOException {
    switch (state) {
      case HEAD -> {
        int end = Heads.end(in);
        if (end < 0) {
          return false;
        }
        head(text(in, end));
        return true;
      }
      case BODY -> {
        skip(in);
        state = missing == 0 ? State.WHOLE : State.BODY;
        return missing == 0;
      }
      case CHUNK -> {
        skip(in);
        state = missing == 0 ? State.CHUNK_SIZE : State.CHUNK;
        return missing == 0;
      }
      case CHUNK_SIZE, LAST_LINE -> {
        int end = endOfLine(in);
        if (end < 0) {
          return false;
        }
        String line = text(in, end).strip();
        if (state == State.LAST_LINE) {
          state = State.WHOLE;
          return true;
        }
        long size = Long.parseLong(line, 16);
        missing = size + 2;
        state = size == 0 ? State.LAST_LINE : State.CHUNK;
        return true;
      }
      case WHOLE -> {
        return false;
      }
    }
    return false;
  }

  private void head(String head) throws IOException {
    status = Heads.status(head);
    Matcher length = LENGTH.matcher(head);
    if (length.find()) {
      missing = Long.parseLong(length.group(1));
      state = State.BODY;
    } else if (CHUNKED.matcher(head).find()) {
      state = State.CHUNK_SIZE;
    } else {
      state = State.WHOLE;
    }
  }

  private void skip(ByteBuffer in) {
    int skipped = (int) Math.min(missing, in.remaining());
    in.position(in.position() + skipped);
    missing -= skipped;
  }

  private static String text(ByteBuffer in, int end) {
    byte[] bytes = new byte[end - in.position()];
    in.get(bytes);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static int endOfLine(ByteBuffer in) {
    for (int i = in.position(); i < in.limit(); i++) {
      if (in.get(i) == '\n') {
        return i + 1;
      }
    }
    return -1;
  }
}

package io.heliograph.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Heads of HTTP answers: where they end and what they say first. */
final class Heads {

  private Heads() {}

  /** The index behind the empty line; -1 when it has not come. */
  static int end(ByteBuffer in) {
    for (int i = in.position() + 3; i < in.limit(); i++) {
      if (in.get(i) == '\n' && in.get(i - 1) == '\r' && in.get(i - 2) == '\n') {
        return i + 1;
      }
    }
    return -1;
  }

  static int status(String head) throws IOException {
    if (!head.startsWith("HTTP/1.1 ") || head.length() < 12) {
      throw new IOException("no answer of HTTP: " + head.lines().findFirst().orElse(""));
    }
    return Integer.parseInt(head.substring(9, 12));
  }
}

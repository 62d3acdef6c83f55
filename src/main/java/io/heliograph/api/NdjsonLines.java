package io.heliograph.api;

import io.heliograph.publish.PublishRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Splits a stream into lines of bounded length. A longer line is skipped without being stored;
 * blank lines are ignored.
 */
final class NdjsonLines {

  /**
   * Called before a read that may block, possibly within a line: results that are ready should be
   * sent now.
   */
  @FunctionalInterface
  interface BeforeWaiting {
    void flush() throws IOException;
  }

  private final InputStream in;
  private final BeforeWaiting beforeWaiting;
  private final int maxBytes;
  private final byte[] buffer = new byte[16 * 1024];
  private int position;
  private int limit;

  private byte[] line = new byte[1024];
  private int length;
  private boolean tooLong;

  NdjsonLines(InputStream in, int maxBytes, BeforeWaiting beforeWaiting) {
    this.in = in;
    this.beforeWaiting = beforeWaiting;
    this.maxBytes = maxBytes;
  }

  /** Moves to the next line, blocking until it has arrived; false at the end of the stream. */
  boolean next() throws IOException {
    length = 0;
    tooLong = false;
    while (true) {
      if (position == limit) {
        if (in.available() == 0) {
          beforeWaiting.flush();
        }
        limit = in.read(buffer);
        position = 0;
        if (limit <= 0) {
          limit = 0;
          return length > 0 || tooLong;
        }
      }
      byte b = buffer[position++];
      if (b == '\n') {
        if (tooLong || !isBlank()) {
          return true;
        }
        length = 0;
      } else {
        append(b);
      }
    }
  }

  /**
   * The current line; null when it was too long.
   *
   * @throws io.heliograph.problem.ProblemException when it is not UTF-8
   */
  @Nullable String line() {
    return tooLong ? null : PublishRequest.text(line, 0, length);
  }

  private boolean isBlank() {
    for (int i = 0; i < length; i++) {
      if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r') {
        return false;
      }
    }
    return true;
  }

  private void append(byte b) {
    if (length == maxBytes) {
      tooLong = true;
    }
    if (tooLong) {
      return;
    }
    if (length == line.length) {
      line = Arrays.copyOf(line, Math.min(maxBytes, length * 2));
    }
    line[length++] = b;
  }
}

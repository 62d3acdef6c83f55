package io.heliograph.bench.load;

import java.nio.ByteBuffer;

/**
 * The time in a payload: when the push was <em>due</em>, so that a load that was late, or had to
 * wait for a free connection, counts its own delay (no coordinated omission).
 */
public final class Stamp {

  private static final byte MARK = '@';
  private static final int DIGITS = 19;

  private Stamp() {}

  /** A JSON text of so many bytes, quotes included, that holds the time. */
  public static String payload(long nanos, int bytes) {
    StringBuilder text = new StringBuilder(bytes).append('"').append((char) MARK);
    String digits = Long.toString(nanos);
    text.repeat('0', DIGITS - digits.length()).append(digits);
    return text.repeat('x', Math.max(0, bytes - text.length() - 1)).append('"').toString();
  }

  /** The time in a frame; -1 when there is none. */
  static long read(ByteBuffer in, int from, int length) {
    int last = from + length - DIGITS;
    for (int i = from; i < last; i++) {
      if (in.get(i) == MARK) {
        long nanos = 0;
        for (int digit = i + 1; digit <= i + DIGITS; digit++) {
          nanos = nanos * 10 + (in.get(digit) - '0');
        }
        return nanos;
      }
    }
    return -1;
  }
}

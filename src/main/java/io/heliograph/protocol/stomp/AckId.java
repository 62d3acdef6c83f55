package io.heliograph.protocol.stomp;

import io.heliograph.message.Position;
import org.jspecify.annotations.Nullable;

/**
 * What an acknowledgement names: a message by its position, and the subscription that got it.
 *
 * @param subscription null when a client of 1.0 or 1.1 names it elsewhere
 */
record AckId(Position position, String subscription) {

  /** In no position. */
  private static final char SEPARATOR = '~';

  static AckId of(Position position, String subscription) {
    return new AckId(position, subscription);
  }

  /** Null when it is none. */
  static @Nullable AckId parse(String text) {
    int end = text.indexOf(SEPARATOR);
    try {
      return end < 0
          ? null
          : new AckId(Position.parse(text.substring(0, end)), text.substring(end + 1));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  String text() {
    return position.text() + SEPARATOR + subscription;
  }
}

package io.heliograph.protocol.stomp;

import org.jspecify.annotations.Nullable;

/** How a subscription acknowledges. */
enum AckMode {
  AUTO("auto"),
  /** An acknowledgement counts for all messages before it, too. */
  CLIENT("client"),
  CLIENT_INDIVIDUAL("client-individual");

  private final String text;

  AckMode(String text) {
    this.text = text;
  }

  /**
   * @param header null: auto
   * @return null when it is none of them
   */
  static @Nullable AckMode of(@Nullable String header) {
    for (AckMode mode : values()) {
      if (mode.text.equals(header == null ? AUTO.text : header)) {
        return mode;
      }
    }
    return null;
  }
}

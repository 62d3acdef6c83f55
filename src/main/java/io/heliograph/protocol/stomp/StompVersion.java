package io.heliograph.protocol.stomp;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The versions of the protocol, and how each writes header values. */
enum StompVersion {
  V1_0("1.0"),
  V1_1("1.1"),
  V1_2("1.2");

  /** As clients name them among the sub-protocols, the newest first. */
  static final List<String> SUBPROTOCOLS = List.of("v12.stomp", "v11.stomp", "v10.stomp");

  private final String text;

  StompVersion(String text) {
    this.text = text;
  }

  String text() {
    return text;
  }

  /** All of them, as a header lists them. */
  static String all() {
    return "1.0,1.1,1.2";
  }

  /**
   * The newest that a client accepts.
   *
   * @param accepted its {@code accept-version}; null: a client of 1.0, which has no such header
   * @return null when there is none
   */
  static @Nullable StompVersion best(@Nullable String accepted) {
    if (accepted == null) {
      return V1_0;
    }
    List<String> theirs = List.of(accepted.replace(" ", "").split(",", -1));
    StompVersion best = null;
    for (StompVersion version : values()) {
      if (theirs.contains(version.text)) {
        best = version;
      }
    }
    return best;
  }

  /** Whether the acknowledgement of a message names its {@code ack} header. */
  boolean hasAckHeader() {
    return this == V1_2;
  }

  String escape(String value) {
    if (this == V1_0) {
      return value;
    }
    StringBuilder escaped = null;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      String replaced =
          switch (c) {
            case '\\' -> "\\\\";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case ':' -> "\\c";
            default -> null;
          };
      if (replaced != null && escaped == null) {
        escaped = new StringBuilder(value.length() + 8).append(value, 0, i);
      }
      if (escaped != null) {
        if (replaced == null) {
          escaped.append(c);
        } else {
          escaped.append(replaced);
        }
      }
    }
    return escaped == null ? value : escaped.toString();
  }

  /**
   * @return null for an escape that the protocol does not have
   */
  @Nullable String unescape(String value) {
    int next = value.indexOf('\\');
    if (this == V1_0 || next < 0) {
      return value;
    }
    var text = new StringBuilder(value.length());
    int done = 0;
    while (next >= 0) {
      text.append(value, done, next);
      switch (next + 1 < value.length() ? value.charAt(next + 1) : ' ') {
        case '\\' -> text.append('\\');
        case 'n' -> text.append('\n');
        case 'r' -> text.append('\r');
        case 'c' -> text.append(':');
        default -> {
          return null;
        }
      }
      done = next + 2;
      next = value.indexOf('\\', done);
    }
    return text.append(value, done, value.length()).toString();
  }
}

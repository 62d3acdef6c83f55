package io.heliograph.session;

/**
 * Every way in which this server ends a session: close code (RFC 6455 section 7.4), text, and
 * whether the client should come back. No close code is written anywhere else.
 */
public enum CloseReason {
  NORMAL(1000, "normal", false),
  /** The node is going away. */
  DRAIN(1001, "going away", true),
  /** The session reached its dithered lifetime; coming back balances the nodes. */
  LIFETIME(1001, "lifetime", true),
  PROTOCOL_ERROR(1002, "protocol error", false),
  UNSUPPORTED_DATA(1003, "text frames only", false),
  INVALID_TEXT(1007, "invalid UTF-8", false),
  POLICY(1008, "policy", false),
  TOO_BIG(1009, "message too big", false),
  FAULT(1011, "internal error", true),
  BAD_FRAME(4400, "bad frame", false),
  TOKEN(4401, "token refused or expired", false),
  FORBIDDEN(4403, "forbidden", false),
  SILENT(4408, "no sign of life", true),
  REPLACED(4409, "replaced", false),
  SLOW(4410, "too slow", true),
  TOO_MANY(4429, "too many requests", true),
  /** Not sent: the client closed, or the line broke. */
  GONE(1006, "gone", true);

  private final int code;
  private final String text;
  private final boolean comeBack;

  CloseReason(int code, String text, boolean comeBack) {
    this.code = code;
    this.text = text;
    this.comeBack = comeBack;
  }

  public int code() {
    return code;
  }

  /** The reason in the close frame, well under its 123 bytes. */
  public String text() {
    return text;
  }

  /** Whether a client that gets this close should connect again. */
  public boolean comeBack() {
    return comeBack;
  }

  /** For the {@code reason} tag of metrics and the bye frame. */
  public String tag() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}

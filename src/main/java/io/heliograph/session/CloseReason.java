package io.heliograph.session;

/**
 * The close codes of this server (RFC 6455 section 7.4), each with its text and whether the client
 * should reconnect. No close code is written anywhere else.
 */
public enum CloseReason {
  NORMAL(1000, "closed normally", false),
  /** The node is going away. */
  DRAIN(1001, "the node is shutting down; reconnect", true),
  /** The session reached its dithered lifetime; reconnecting balances the nodes. */
  LIFETIME(1001, "maximum lifetime of a connection reached; reconnect", true),
  PROTOCOL_ERROR(1002, "WebSocket protocol error (RFC 6455)", false),
  UNSUPPORTED_DATA(1003, "binary message; only text messages are accepted", false),
  INVALID_TEXT(1007, "text message is not valid UTF-8", false),
  POLICY(1008, "closed by the backend", false),
  TOO_BIG(1009, "message larger than the limit", false),
  FAULT(1011, "internal error; reconnect", true),
  /** What is needed to admit the client, such as an issuer's keys, cannot be reached now. */
  UNAVAILABLE(1013, "not available now; reconnect later", true),
  BAD_FRAME(4400, "not a protocol frame: a JSON object with a type is expected", false),
  TOKEN(4401, "token missing, refused or expired; get a new one", false),
  FORBIDDEN(4403, "forbidden", false),
  SILENT(4408, "nothing received for two heartbeats; reconnect", true),
  REPLACED(4409, "replaced by a newer session of the same user", false),
  SLOW(4410, "client reads too slowly; reconnect", true),
  TOO_MANY(4429, "too many frames or sessions; reconnect later", true),
  /** Not sent: the client closed, or the connection broke. */
  GONE(1006, "connection lost", true);

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

  /** Whether a client that gets this close should reconnect. */
  public boolean comeBack() {
    return comeBack;
  }

  /** For the {@code reason} tag of metrics and the bye frame. */
  public String tag() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}

package io.heliograph.protocol.stomp;

import org.jspecify.annotations.Nullable;

/**
 * What a client's request is called, and comes back with its answer: STOMP answers in several ways,
 * and which is right shows in the request.
 *
 * @param receipt that the client asked for; null: none
 * @param subject the id of the subscription, or for a call its {@code correlation-id}; null: none
 * @param method that is called; null: it is no call
 */
record RequestName(
    Kind kind, @Nullable String receipt, @Nullable String subject, @Nullable String method) {

  enum Kind {
    SUBSCRIBE,
    UNSUBSCRIBE,
    ACK,
    SEND,
    CALL,
    /** Asks for nothing but a receipt. */
    RECEIPT
  }

  /** In no header: a NUL ends a frame. */
  private static final char SEPARATOR = '\0';

  static RequestName of(Kind kind, @Nullable String receipt, @Nullable String subject) {
    return new RequestName(kind, receipt, subject, null);
  }

  static RequestName parse(String text) {
    String[] parts = text.split(String.valueOf(SEPARATOR), -1);
    return new RequestName(Kind.valueOf(parts[0]), part(parts[1]), part(parts[2]), part(parts[3]));
  }

  private static @Nullable String part(String text) {
    return text.isEmpty() ? null : text.substring(1);
  }

  /** One character before each that is there, so that empty and missing differ. */
  private static String text(@Nullable String part) {
    return part == null ? "" : "=" + part;
  }

  String text() {
    return kind.name()
        + SEPARATOR
        + text(receipt)
        + SEPARATOR
        + text(subject)
        + SEPARATOR
        + text(method);
  }
}

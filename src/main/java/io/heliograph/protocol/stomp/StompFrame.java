package io.heliograph.protocol.stomp;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a client sent.
 *
 * @param headers of a repeated header the first (STOMP 1.2, "Repeated Header Entries")
 * @param body empty except for {@link Command#SEND}
 */
record StompFrame(Command command, Map<String, String> headers, byte[] body) {

  /** What clients may send. */
  enum Command {
    CONNECT,
    STOMP,
    SEND,
    SUBSCRIBE,
    UNSUBSCRIBE,
    ACK,
    NACK,
    BEGIN,
    COMMIT,
    ABORT,
    DISCONNECT;

    /** Null when it is none of them. */
    static @Nullable Command of(String name) {
      for (Command command : values()) {
        if (command.name().equals(name)) {
          return command;
        }
      }
      return null;
    }

    /** The frame that chooses the version: before it nothing is escaped. */
    boolean connects() {
      return this == CONNECT || this == STOMP;
    }
  }

  @Nullable String header(String name) {
    return headers.get(name);
  }

  /** Null when it is not UTF-8. */
  @Nullable String text() {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /** Headers may hold tokens. */
  @Override
  public String toString() {
    return command.name();
  }
}

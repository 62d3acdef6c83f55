package io.heliograph.callback;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The types of callback events. */
enum EventType {
  LOGIN_SCANNED("login.scanned"),
  LOGIN_CONFIRMED("login.confirmed"),
  LOGIN_DENIED("login.denied"),
  MESSAGE_PUSH("message.push");

  private static final Map<String, EventType> TYPES_BY_NAME =
      Stream.of(values())
          .collect(Collectors.toUnmodifiableMap(EventType::text, Function.identity()));

  private final String text;

  EventType(String text) {
    this.text = text;
  }

  String text() {
    return text;
  }

  /** All names, for messages. */
  static String names() {
    return Stream.of(values()).map(EventType::text).collect(Collectors.joining(", "));
  }

  static @Nullable EventType of(String text) {
    return TYPES_BY_NAME.get(text);
  }
}

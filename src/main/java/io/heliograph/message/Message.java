package io.heliograph.message;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A published message with its position, as the log keeps it and codecs encode it.
 *
 * @param id a UUIDv7 in text form
 * @param data one well-formed JSON value as compact text
 * @param time when the publish was accepted, by the wall clock of the accepting node
 * @param expires from this time on it is not delivered; null: delivered until the log drops it
 * @param key it replaces retained messages with the same key; null: replaces nothing
 * @param from the user whose client published it; null: published by a backend or by Heliograph
 * @param trace the trace that the publish belongs to; null: none
 */
public record Message(
    String id,
    Channel channel,
    Position position,
    String event,
    String data,
    Instant time,
    @Nullable Instant expires,
    @Nullable String key,
    @Nullable String from,
    @Nullable TraceParent trace) {

  /** A message of a backend that belongs to no trace. */
  public Message(
      String id,
      Channel channel,
      Position position,
      String event,
      String data,
      Instant time,
      @Nullable Instant expires,
      @Nullable String key) {
    this(id, channel, position, event, data, time, expires, key, null, null);
  }

  public boolean expiredAt(Instant now) {
    return expires != null && !now.isBefore(expires);
  }
}

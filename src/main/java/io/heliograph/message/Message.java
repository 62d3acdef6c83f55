package io.heliograph.message;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One pushed thing, as the log keeps it and the browsers get it.
 *
 * @param id a UUIDv7 in text form
 * @param data one well-formed JSON value as compact text
 * @param time when the push was accepted, by the accepting node's wall clock
 * @param expires after this it is no longer worth delivering; null: when the log drops it
 * @param key what it replaces earlier retained messages by; null: nothing
 * @param from the user whose client published it; null: a backend or this service did
 * @param trace what the push belonged to; null: nothing that anybody follows
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

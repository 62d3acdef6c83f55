package io.heliograph.message;

import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A message on its way to the broker, before it has a position.
 *
 * @param id a UUIDv7 in text form; the same from the push to the browser
 * @param event the name that the browser dispatches on, 1 to 64 characters of {@code A-Z a-z 0-9 .
 *     _ : -}
 * @param data one well-formed JSON value as compact text; whoever makes the draft has checked that
 * @param time when the push was accepted
 * @param ttl how long it is worth delivering; null: as long as the log keeps it
 * @param key of several retained messages with one key only the newest stays; null: it replaces
 *     nothing
 * @param once makes publishing idempotent: a broker appends a draft with the same value to the same
 *     channel once and answers the first message again; null: always appends
 * @param trace what the push belongs to; null: nothing that anybody follows
 */
public record Draft(
    String id,
    String event,
    String data,
    Instant time,
    @Nullable Duration ttl,
    @Nullable String key,
    @Nullable String once,
    @Nullable TraceParent trace) {

  public static final Pattern EVENT = Pattern.compile("[A-Za-z0-9._:-]{1,64}");
  public static final Pattern KEY = Pattern.compile("[A-Za-z0-9._~@+=:,-]{1,128}");

  /** Far beyond what any log keeps, and small enough that the time it ends at can be told. */
  public static final Duration MAX_TTL = Duration.ofDays(365);

  public Draft {
    if (!EVENT.matcher(event).matches()) {
      throw new IllegalArgumentException("event is 1 to 64 characters of A-Z a-z 0-9 . _ : -");
    }
    if (key != null && !KEY.matcher(key).matches()) {
      throw new IllegalArgumentException(
          "key is 1 to 128 characters of A-Z a-z 0-9 . _ ~ @ + = : , -");
    }
    if (ttl != null && (!ttl.isPositive() || ttl.compareTo(MAX_TTL) > 0)) {
      throw new IllegalArgumentException("ttl is longer than nothing and at most 365 days");
    }
  }

  /** A draft that belongs to no trace. */
  public Draft(
      String id,
      String event,
      String data,
      Instant time,
      @Nullable Duration ttl,
      @Nullable String key,
      @Nullable String once) {
    this(id, event, data, time, ttl, key, once, null);
  }

  public static Draft of(String event, String data, Instant time) {
    return new Draft(Ids.v7(time), event, data, time, null, null, null);
  }

  /** The message that this becomes at its position. */
  public Message at(Channel channel, Position position) {
    return new Message(
        id, channel, position, event, data, time, ttl == null ? null : time.plus(ttl), key, trace);
  }
}

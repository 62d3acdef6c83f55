package io.heliograph.message;

import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A message on its way to the broker, before it has a position.
 *
 * @param id a UUIDv7 in text form, at most 64 visible ASCII characters; the same from the push to
 *     the browser
 * @param event the name that the browser dispatches on, 1 to 64 characters of {@code A-Z a-z 0-9 .
 *     _ : -}
 * @param data one well-formed JSON value as compact text, at most {@link #MAX_DATA_BYTES} as UTF-8.
 *     Who makes the draft has parsed it; here it is checked that every codec can send it
 * @param time when the push was accepted
 * @param ttl how long it is worth delivering; null: as long as the log keeps it
 * @param key of several retained messages with one key only the newest stays; null: it replaces
 *     nothing
 * @param once makes publishing idempotent: a broker appends a draft with the same value to the same
 *     channel once and answers the first message again; null: always appends. At most 256 visible
 *     ASCII characters
 * @param rememberFor how long {@code once} is remembered
 * @param from the user whose client publishes it, set by the server alone; null: no client does
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
    Duration rememberFor,
    @Nullable String from,
    @Nullable TraceParent trace) {

  public static final Pattern EVENT = Pattern.compile("[A-Za-z0-9._:-]{1,64}");
  public static final Pattern KEY = Pattern.compile("[A-Za-z0-9._~@+=:,-]{1,128}");

  /** Far beyond what any log keeps, and small enough that the time it ends at can be told. */
  public static final Duration MAX_TTL = Duration.ofDays(365);

  public static final int MAX_DATA_BYTES = 64 * 1024;

  /** What callers of REST are promised of their idempotency keys. */
  public static final Duration REMEMBERED = Duration.ofHours(24);

  private static final Pattern ID = Pattern.compile("[\\x21-\\x7e&&[^\"\\\\]]{1,64}");
  private static final Pattern ONCE = Pattern.compile("[\\x21-\\x7e]{1,256}");

  public Draft {
    if (!ID.matcher(id).matches()) {
      throw new IllegalArgumentException("id is not 1 to 64 visible ASCII characters");
    }
    if (once != null && !ONCE.matcher(once).matches()) {
      throw new IllegalArgumentException("once is not 1 to 256 visible ASCII characters");
    }
    if (!rememberFor.isPositive() || rememberFor.compareTo(MAX_TTL) > 0) {
      throw new IllegalArgumentException("rememberFor is not above 0 and at most 365 days");
    }
    if (data.isEmpty() || Utf8.length(data) > MAX_DATA_BYTES) {
      throw new IllegalArgumentException(
          "data is not 1 to " + MAX_DATA_BYTES + " bytes of JSON in UTF-8");
    }
    if (!EVENT.matcher(event).matches()) {
      throw new IllegalArgumentException("event is not 1 to 64 characters of A-Z a-z 0-9 . _ : -");
    }
    if (key != null && !KEY.matcher(key).matches()) {
      throw new IllegalArgumentException(
          "key is not 1 to 128 characters of A-Z a-z 0-9 . _ ~ @ + = : , -");
    }
    if (from != null && !Channel.ID.matcher(from).matches()) {
      throw new IllegalArgumentException("from is not the id of a user");
    }
    if (ttl != null && (!ttl.isPositive() || ttl.compareTo(MAX_TTL) > 0)) {
      throw new IllegalArgumentException("ttl is not above 0 and at most 365 days");
    }
  }

  /** A backend's draft, remembered as long as callers of REST are promised. */
  public Draft(
      String id,
      String event,
      String data,
      Instant time,
      @Nullable Duration ttl,
      @Nullable String key,
      @Nullable String once,
      @Nullable TraceParent trace) {
    this(id, event, data, time, ttl, key, once, REMEMBERED, null, trace);
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

  /** When it is no longer delivered; null: when the log drops it. */
  public @Nullable Instant expires() {
    return ttl == null ? null : time.plus(ttl);
  }

  /** The message that this becomes at its position. */
  public Message at(Channel channel, Position position) {
    return new Message(id, channel, position, event, data, time, expires(), key, from, trace);
  }
}

package io.heliograph.message;

import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A message that is not in a log yet and so has no position.
 *
 * @param id a UUIDv7 in text form, at most 64 visible ASCII characters; the message keeps it
 * @param event the name by which clients dispatch the message, 1 to 64 characters of {@code A-Z a-z
 *     0-9 . _ : -}
 * @param data one well-formed JSON value as compact text, at most {@link #MAX_DATA_BYTES} as UTF-8.
 *     The caller has parsed it; the constructor checks that every codec can send it
 * @param time when the publish was accepted
 * @param ttl after this time it is not delivered any more; null: delivered as long as the log keeps
 *     it
 * @param key the log keeps only the newest message with this key; null: replaces nothing
 * @param once makes publishing idempotent: a broker appends only the first draft with this value to
 *     a channel and answers later ones with the first message's id and position; null: always
 *     appends. At most 256 visible ASCII characters
 * @param rememberFor how long {@code once} is remembered
 * @param from the user whose client publishes it, set only by the server; null: not published by a
 *     client
 * @param trace the trace that the publish belongs to; null: none
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

  /**
   * Longer than any log keeps messages, and short enough that {@code time + ttl} does not overflow.
   */
  public static final Duration MAX_TTL = Duration.ofDays(365);

  public static final int MAX_DATA_BYTES = 64 * 1024;

  /** How long idempotency keys of REST calls are remembered, as documented. */
  public static final Duration REMEMBERED = Duration.ofHours(24);

  private static final Pattern ID = Pattern.compile("[\\x21-\\x7e&&[^\"\\\\]]{1,64}");
  private static final Pattern ONCE = Pattern.compile("[\\x21-\\x7e]{1,256}");

  public Draft {
    if (!ID.matcher(id).matches()) {
      throw new IllegalArgumentException("id must be 1 to 64 visible ASCII characters");
    }
    if (once != null && !ONCE.matcher(once).matches()) {
      throw new IllegalArgumentException("once must be 1 to 256 visible ASCII characters");
    }
    if (!rememberFor.isPositive() || rememberFor.compareTo(MAX_TTL) > 0) {
      throw new IllegalArgumentException(
          "rememberFor must be longer than 0 and at most 365 days, but is " + rememberFor);
    }
    if (data.isEmpty() || Utf8.length(data) > MAX_DATA_BYTES) {
      throw new IllegalArgumentException(
          "data must have 1 to "
              + MAX_DATA_BYTES
              + " bytes in UTF-8, but has "
              + Utf8.length(data));
    }
    if (!EVENT.matcher(event).matches()) {
      throw new IllegalArgumentException("event must be 1 to 64 characters of A-Z a-z 0-9 . _ : -");
    }
    if (key != null && !KEY.matcher(key).matches()) {
      throw new IllegalArgumentException(
          "key must be 1 to 128 characters of A-Z a-z 0-9 . _ ~ @ + = : , -");
    }
    if (from != null && !Channel.ID.matcher(from).matches()) {
      throw new IllegalArgumentException("from must be the id of a user channel");
    }
    if (ttl != null && (!ttl.isPositive() || ttl.compareTo(MAX_TTL) > 0)) {
      throw new IllegalArgumentException(
          "ttl must be longer than 0 and at most 365 days, but is " + ttl);
    }
  }

  /** A draft of a backend; {@code once} is remembered for {@link #REMEMBERED}. */
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

  /** From this time on it is not delivered; null: delivered until the log drops it. */
  public @Nullable Instant expires() {
    return ttl == null ? null : time.plus(ttl);
  }

  /** The message that this becomes at its position. */
  public Message at(Channel channel, Position position) {
    return new Message(id, channel, position, event, data, time, expires(), key, from, trace);
  }
}

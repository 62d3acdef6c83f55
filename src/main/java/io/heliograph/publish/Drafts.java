package io.heliograph.publish;

import io.heliograph.broker.LogProperties;
import io.heliograph.message.Draft;
import io.heliograph.message.Ids;
import io.heliograph.message.TraceParent;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Makes drafts of checked requests: gives them an id, a time and the life that they really have.
 */
@Component
public final class Drafts {

  /** A client repeats what it sent before it was cut off, which takes seconds. */
  private static final Duration CLIENT_REMEMBERED = Duration.ofMinutes(2);

  private final Clock clock;
  private final Duration logKeeps;

  public Drafts(Clock clock, LogProperties log) {
    this.clock = clock;
    this.logKeeps = log.maxAge();
  }

  /**
   * @param once see {@link Draft#once()}
   * @param trace see {@link Draft#trace()}
   */
  public Draft of(PublishRequest request, @Nullable String once, @Nullable TraceParent trace) {
    Instant now = now();
    Duration ttl = request.ttl();
    // The log drops it then in any case, and the caller is told the time that is true.
    Duration life = ttl != null && ttl.compareTo(logKeeps) > 0 ? logKeeps : ttl;
    return new Draft(
        Ids.v7(now), request.event(), request.data().text(), now, life, request.key(), once, trace);
  }

  /** The id of a message that may be published soon. */
  public String newId() {
    return Ids.v7(now());
  }

  /**
   * What a client publishes. Its idempotency key is one of its user's alone.
   *
   * @param id made by {@link #newId}
   * @param user whose session it is
   */
  public Draft ofClient(String id, PublishRequest request, String user) {
    Instant now = now();
    String key = request.idempotencyKey();
    return new Draft(
        id,
        request.event(),
        request.data().text(),
        now,
        null,
        null,
        // No id of a user holds a slash, so no two users have one of these in common.
        key == null ? null : "client/" + user + '/' + key,
        CLIENT_REMEMBERED,
        user,
        null);
  }

  /** What a browser's clock can hold. */
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}

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
 * Creates drafts from checked requests: assigns id and time, and shortens the ttl to what the log
 * keeps.
 */
@Component
public final class Drafts {

  /** A client repeats a publish after a lost connection, usually within seconds. */
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
    // The log drops the message after maxAge, so the answer's expires would be wrong otherwise.
    Duration life = ttl != null && ttl.compareTo(logKeeps) > 0 ? logKeeps : ttl;
    return new Draft(
        Ids.v7(now), request.event(), request.data().text(), now, life, request.key(), once, trace);
  }

  /** A new message id, for a publish that the backend may still refuse. */
  public String newId() {
    return Ids.v7(now());
  }

  /**
   * A draft of a client's publish. Its idempotency key is separate for each user.
   *
   * @param id from {@link #newId}
   * @param user the user of the client's session
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
        // A user id holds no slash, so keys of two users never coincide.
        key == null ? null : "client/" + user + '/' + key,
        CLIENT_REMEMBERED,
        user,
        null);
  }

  /** In milliseconds, the precision of JavaScript's Date. */
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}

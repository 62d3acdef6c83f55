package io.heliograph.login.store;

import io.heliograph.login.TicketStoreUnavailableException;
import io.heliograph.redis.RedisScript;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.core.StringRedisTemplate;

/**
 * Runs the Lua scripts of the login stores, one atomic step per call. Each answer contains Redis's
 * time; between two answers the time is extrapolated, so that reading the clock needs no call.
 */
class LoginScripts {

  /** One script; the head of its file describes its arguments and answer. */
  enum Step {
    NOW("now"),
    TICKET_ROOM("ticket-room"),
    TICKET_PLACE("ticket-place"),
    TICKET_OVERDUE("ticket-overdue"),
    TICKET_ADD("ticket-add"),
    TICKET_FIND("ticket-find"),
    TICKET_REPLACE("redis/versioned", "ticket-replace"),
    GRANT_ISSUE("grant-issue"),
    GRANT_REDEEM("grant-redeem"),
    GRANT_REVOKE("grant-revoke");

    private final RedisScript script;

    Step(String... files) {
      String[] all = new String[1 + files.length];
      all[0] = "time";
      System.arraycopy(files, 0, all, 1, files.length);
      script = RedisScript.of(LoginScripts.class, all);
    }
  }

  /**
   * A time that Redis returned, and the reading of this machine's monotonic clock at that moment.
   */
  private record Reading(Instant time, long nanos) {}

  private final StringRedisTemplate redis;
  private final StoreClock clock = new StoreClock(Clock.systemUTC());
  private volatile @Nullable Reading last;

  LoginScripts(StringRedisTemplate redis) {
    this.redis = redis;
  }

  /** The first argument of each script: the time to use, in ms; empty for Redis's own. */
  String time() {
    return "";
  }

  /**
   * Redis's time, behind by at most the latency of the last answer. Small backward steps are
   * ignored.
   */
  Instant now() {
    Reading reading = last;
    if (reading == null) {
      run(Step.NOW, List.of());
      reading = last;
    }
    if (reading == null) {
      throw new IllegalStateException("the answer of Redis has no time");
    }
    Instant counted = reading.time.plusNanos(System.nanoTime() - reading.nanos);
    return clock.latest(counted.truncatedTo(ChronoUnit.MILLIS));
  }

  /**
   * Runs a script and returns the answer without its time.
   *
   * @throws TicketStoreUnavailableException when Redis does not answer
   */
  List<?> run(Step step, List<String> keys, String... arguments) {
    String[] all = new String[1 + arguments.length];
    all[0] = time();
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    List<?> answer;
    try {
      answer = step.script.run(redis, List.class, keys, all);
    } catch (DataAccessException e) {
      throw new TicketStoreUnavailableException(e);
    }
    last = new Reading(Instant.ofEpochMilli((Long) answer.getFirst()), System.nanoTime());
    return answer.subList(1, answer.size());
  }

  static String millis(Instant time) {
    return Long.toString(time.toEpochMilli());
  }
}

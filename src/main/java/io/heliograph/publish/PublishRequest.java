package io.heliograph.publish;

import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.Ids;
import io.heliograph.message.TraceParent;
import io.heliograph.problem.ProblemException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.convert.DurationStyle;
import tools.jackson.databind.JsonNode;

/**
 * A message as a backend writes it, before it is checked.
 *
 * @param channel only where many are pushed at once; the single push has it in the path
 * @param ttl a number of seconds, or a text such as {@code 30s} or {@code PT30S}
 */
public record PublishRequest(
    @Nullable String channel,
    @Nullable String event,
    @Nullable RawJson data,
    @Nullable JsonNode ttl,
    @Nullable String key) {

  private static final Duration LONGEST_TTL = Duration.ofDays(30);

  static final String DEFAULT_EVENT = "message";

  /**
   * @param once see {@link Draft#once()}
   * @param trace see {@link Draft#trace()}
   * @throws ProblemException naming the field that is wrong
   */
  public Draft draft(Clock clock, @Nullable String once, @Nullable TraceParent trace) {
    if (data == null) {
      throw ProblemException.invalid("/data", "is missing; null is a value");
    }
    String name = event == null ? DEFAULT_EVENT : event;
    if (!Draft.EVENT.matcher(name).matches()) {
      throw ProblemException.invalid("/event", "is 1 to 64 characters of A-Z a-z 0-9 . _ : -");
    }
    if (key != null && !Draft.KEY.matcher(key).matches()) {
      throw ProblemException.invalid(
          "/key", "is 1 to 128 characters of A-Z a-z 0-9 . _ ~ @ + = : , -");
    }
    // What a browser's clock can hold.
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    return new Draft(Ids.v7(now), name, data.text(), now, life(), key, once, trace);
  }

  private @Nullable Duration life() {
    if (ttl == null || ttl.isNull()) {
      return null;
    }
    Duration life;
    try {
      life =
          ttl.isIntegralNumber()
              ? Duration.ofSeconds(ttl.longValue())
              : DurationStyle.detectAndParse(ttl.isString() ? ttl.stringValue() : "");
    } catch (RuntimeException e) {
      throw ProblemException.invalid("/ttl", "is seconds, or a duration such as 30s or PT30S");
    }
    if (life.isNegative() || life.isZero() || life.compareTo(LONGEST_TTL) > 0) {
      throw ProblemException.invalid(
          "/ttl", "is longer than nothing and at most " + LONGEST_TTL.toDays() + " days");
    }
    return life;
  }

  /**
   * @param pointer where the text came from
   */
  public static Channel channel(String pointer, @Nullable String text) {
    if (text == null) {
      throw ProblemException.invalid(pointer, "is missing");
    }
    try {
      return Channel.parse(text);
    } catch (IllegalArgumentException e) {
      throw ProblemException.invalid(pointer, String.valueOf(e.getMessage()));
    }
  }

  /**
   * A channel that backends may push to: what a login's browsers hear comes from the login alone.
   */
  public static Channel recipient(String pointer, @Nullable String text) {
    Channel channel = channel(pointer, text);
    if (channel instanceof Channel.Login) {
      throw ProblemException.invalid(pointer, "login channels are written by their login only");
    }
    return channel;
  }
}

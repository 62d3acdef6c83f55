package io.heliograph.session;

import io.heliograph.message.Channel;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import io.heliograph.problem.ProblemType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything a session can be sent, whatever protocol its client speaks. An event holds nothing of
 * the session that it goes to unless it answers that session alone, so that an encoded {@link
 * Delivery} serves all.
 */
public sealed interface ServerEvent {

  /**
   * The first event of every session.
   *
   * @param heartbeat how often the server asks for a sign of life
   * @param user null: anonymous
   * @param expires when the session's token ends; null: never
   * @param positions where following begins on the channels that every session follows by itself; a
   *     client that was cut off before their first message can resume from here
   * @param channels what it follows from the start besides its own session's channel, in this
   *     order; also those whose position is not known yet
   * @param lost of these the ones on which messages after the position that the client resumes from
   *     are gone
   */
  record Welcome(
      String session,
      Duration heartbeat,
      @Nullable String user,
      @Nullable Instant expires,
      Instant time,
      Map<Channel, Position> positions,
      List<Channel> channels,
      List<Channel> lost)
      implements ServerEvent {}

  /**
   * Answers a subscribe.
   *
   * @param id what the client called its request, in its protocol's notation; null: nothing
   * @param position where following begins: messages after it come next
   * @param recovered false: messages since the asked position are gone, fetch your state anew
   * @param expires when the right to follow ends; null: with the session
   * @param state a snapshot as JSON text, on login channels
   */
  record Subscribed(
      @Nullable String id,
      Channel channel,
      Position position,
      boolean recovered,
      @Nullable Instant expires,
      @Nullable String state)
      implements ServerEvent {

    /** The same, beginning elsewhere. */
    public Subscribed at(Position begin) {
      return new Subscribed(id, channel, begin, recovered, expires, state);
    }
  }

  record Unsubscribed(@Nullable String id) implements ServerEvent {}

  /** A message, the same bytes for all its subscribers. */
  record Delivery(Message message) implements ServerEvent {}

  /** Messages before this position are gone. */
  record Gap(Channel channel, Position position) implements ServerEvent {}

  /**
   * A request was refused, or a right has ended; the session stays open.
   *
   * @param id what the client called its request; null: it has no id, or there was no request
   * @param channel whose subscription ended; null: none did
   */
  record Refusal(@Nullable String id, @Nullable Channel channel, Problem problem)
      implements ServerEvent {

    /** Answers a request. */
    public Refusal(@Nullable String id, Problem problem) {
      this(id, null, problem);
    }
  }

  /**
   * Answers a publish: it is in the log, and announced.
   *
   * @param message the id of the message, also of an earlier one
   * @param repeated it was published before with the same idempotency key, and not again
   */
  record Published(@Nullable String id, String message, Position position, boolean repeated)
      implements ServerEvent {}

  /**
   * Answers a call or an upload.
   *
   * @param data the backend's answer, one JSON value as compact text
   */
  record Result(@Nullable String id, String data) implements ServerEvent {}

  /** Answers the announcement of an upload: its bytes may come. */
  record UploadReady(@Nullable String id) implements ServerEvent {}

  record Pong(@Nullable String id) implements ServerEvent {}

  /**
   * Answers an auth.
   *
   * @param user null: the token names channels only
   * @param positions as in the welcome: where following the user's channel begins, when it begins
   *     now
   */
  record Authenticated(
      @Nullable String id, @Nullable String user, Instant expires, Map<Channel, Position> positions)
      implements ServerEvent {}

  /**
   * The last event before an orderly close.
   *
   * @param reconnectAfter null: do not come back
   */
  record Bye(String reason, @Nullable Duration reconnectAfter) implements ServerEvent {}

  /**
   * The members of RFC 9457 that a client gets.
   *
   * @param retryAfter when to try again; null: the problem does not say
   */
  record Problem(
      String type,
      String title,
      int status,
      @Nullable String detail,
      @Nullable Duration retryAfter) {

    public static Problem of(ProblemType type, @Nullable String detail) {
      return new Problem(type.uri().toString(), type.title(), type.status(), detail, null);
    }

    public Problem retryAfter(Duration wait) {
      return new Problem(type, title, status, detail, wait);
    }
  }
}

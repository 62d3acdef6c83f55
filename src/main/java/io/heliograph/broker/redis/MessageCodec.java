package io.heliograph.broker.redis;

import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import io.heliograph.message.TraceParent;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The text of a message in Redis, without channel and position: eight lines, of which the last is
 * the data and may contain anything. The first line is the version of the format, so that nodes of
 * two versions recognise what they cannot read.
 *
 * <p>The line of the trace holds the sender behind a blank, if there is one: a node that knows no
 * senders reads such a line as no trace, and the message all the same.
 */
final class MessageCodec {

  private static final String FORM = "1";

  private MessageCodec() {}

  static String of(Draft draft) {
    String expires =
        draft.ttl() == null ? "" : Long.toString(draft.time().plus(draft.ttl()).toEpochMilli());
    return String.join(
        "\n",
        FORM,
        draft.id(),
        Long.toString(draft.time().toEpochMilli()),
        expires,
        draft.event(),
        draft.key() == null ? "" : draft.key(),
        (draft.trace() == null ? "" : draft.trace().text())
            + (draft.from() == null ? "" : ' ' + draft.from()),
        draft.data());
  }

  /**
   * @throws IllegalArgumentException when the text does not have this format
   */
  static Message parse(String text, Channel channel, Position position) {
    String[] lines = text.split("\n", 8);
    if (lines.length != 8 || !lines[0].equals(FORM)) {
      throw new IllegalArgumentException("not a message of form " + FORM);
    }
    String origin = lines[6];
    int blank = origin.indexOf(' ');
    return new Message(
        lines[1],
        channel,
        position,
        lines[4],
        lines[7],
        Instant.ofEpochMilli(Long.parseLong(lines[2])),
        instant(lines[3]),
        lines[5].isEmpty() ? null : lines[5],
        blank < 0 ? null : origin.substring(blank + 1),
        TraceParent.of(blank < 0 ? origin : origin.substring(0, blank)));
  }

  private static @Nullable Instant instant(String millis) {
    return millis.isEmpty() ? null : Instant.ofEpochMilli(Long.parseLong(millis));
  }
}

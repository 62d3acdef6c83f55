package io.heliograph.protocol.http;

import io.heliograph.message.Channel;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import io.heliograph.protocol.v1.JsonCodec;
import io.heliograph.session.Codec;
import io.heliograph.session.Payload;
import io.heliograph.session.ServerEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Events on their way to a {@link Poll}, which makes one answer of them. A client never sees this
 * form: a line that says what it is, and for a message version 1's message object behind it.
 */
final class PollCodec implements Codec {

  private static final JsonCodec OBJECTS = new JsonCodec();

  private static final String UNKNOWN = "-";

  /** The parts of an encoded event that a poll uses. */
  sealed interface Part {}

  /** The session has begun. */
  record Begun(String session, List<Start> starts) implements Part {}

  /**
   * Where a channel begins.
   *
   * @param position null: not known
   */
  record Start(Channel channel, @Nullable Position position, boolean lost) {}

  /**
   * @param json version 1's message object
   */
  record MessagePart(Channel channel, Position position, ByteBuffer json) implements Part {}

  record Missing(Channel channel, Position position) implements Part {}

  /**
   * @param reconnectAfterMillis null: stay away
   */
  record Ended(String reason, @Nullable Long reconnectAfterMillis) implements Part {}

  @Override
  public Payload encode(ServerEvent event) {
    return switch (event) {
      case ServerEvent.Welcome welcome -> Payload.of(begun(welcome));
      case ServerEvent.Delivery(Message message) -> message(message, event);
      case ServerEvent.Gap gap -> Payload.of(place('g', gap.channel(), gap.position()));
      case ServerEvent.Bye bye -> {
        Long after = EventCodec.reconnectAfterMillis(bye);
        yield Payload.of("b " + bye.reason() + ' ' + (after == null ? UNKNOWN : after) + '\n');
      }
      case ServerEvent.Refusal _,
          ServerEvent.Subscribed _,
          ServerEvent.Unsubscribed _,
          ServerEvent.Authenticated _,
          ServerEvent.Published _,
          ServerEvent.Result _,
          ServerEvent.UploadReady _,
          ServerEvent.Pong _ ->
          // Answers to requests, which a poll does not carry.
          Payload.NOTHING;
    };
  }

  private static String begun(ServerEvent.Welcome welcome) {
    StringBuilder line = new StringBuilder("w ").append(welcome.session());
    for (Channel channel : welcome.channels()) {
      Position position = welcome.positions().get(channel);
      line.append(' ')
          .append(channel.text())
          .append(' ')
          .append(position == null ? UNKNOWN : position.text())
          .append(' ')
          .append(welcome.lost().contains(channel));
    }
    return line.append('\n').toString();
  }

  private static Payload message(Message message, ServerEvent event) {
    byte[] line =
        place('m', message.channel(), message.position()).getBytes(StandardCharsets.US_ASCII);
    ByteBuffer json = OBJECTS.encode(event).bytes();
    return new Payload(
        ByteBuffer.allocate(line.length + json.remaining()).put(line).put(json.duplicate()).flip());
  }

  private static String place(char kind, Channel channel, Position position) {
    return kind + " " + channel.text() + ' ' + position.text() + '\n';
  }

  /** Reads what {@link #encode} made; null: nothing of it is sent. Leaves the buffer as it is. */
  static @Nullable Part decode(ByteBuffer encoded) {
    if (!encoded.hasRemaining()) {
      return null;
    }
    ByteBuffer rest = encoded.slice();
    StringBuilder line = new StringBuilder(96);
    for (byte next = rest.get(); next != '\n'; next = rest.get()) {
      line.append((char) next);
    }
    // Neither channels nor positions hold a blank.
    String[] words = line.toString().split(" ");
    return switch (words[0]) {
      case "w" -> {
        List<Start> starts = new ArrayList<>(words.length / 3);
        for (int i = 2; i < words.length; i += 3) {
          Position position = words[i + 1].equals(UNKNOWN) ? null : Position.parse(words[i + 1]);
          starts.add(
              new Start(Channel.parse(words[i]), position, Boolean.parseBoolean(words[i + 2])));
        }
        yield new Begun(words[1], starts);
      }
      case "m" -> new MessagePart(Channel.parse(words[1]), Position.parse(words[2]), rest.slice());
      case "g" -> new Missing(Channel.parse(words[1]), Position.parse(words[2]));
      case "b" -> new Ended(words[1], words[2].equals(UNKNOWN) ? null : Long.valueOf(words[2]));
      default -> throw new IllegalStateException("not encoded here: " + words[0]);
    };
  }
}

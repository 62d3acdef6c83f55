package io.heliograph.protocol.socketio;

import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import io.heliograph.session.Identity;
import io.heliograph.session.Subscription;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is left of a session whose connection was lost: what it followed and how far it was sent,
 * from which a client that comes back goes on.
 *
 * @param user whose it was; null: anonymous
 * @param from an offset that stands for its beginning, besides {@link SocketIoCodec#START}
 * @param whole the trail begins with the session's first message
 * @param left channels that its token named and that it did not follow any more
 * @param followed what it followed at its end, its own session's channel left out
 * @param before where each channel was before the trail's first step
 * @param trail what it was sent, in order
 */
record KeptSession(
    @Nullable String user,
    String from,
    boolean whole,
    Set<Channel> left,
    List<Followed> followed,
    Map<Channel, Position> before,
    List<Trail.Step> trail) {

  private static final String NOTHING = "-";

  /** A channel with its position, in memory, but for the channel's id. */
  private static final int CHANNEL_BYTES = 160;

  private static final int STEP_BYTES = 60;

  /**
   * @param position how far it was sent at the end
   * @param rightEnds when the token ends that was shown for it alone; null: none was
   */
  record Followed(Channel channel, Position position, @Nullable Instant rightEnds) {}

  KeptSession {
    left = Set.copyOf(left);
    followed = List.copyOf(followed);
    before = Map.copyOf(before);
    trail = List.copyOf(trail);
  }

  /**
   * @param subscriptions of a session whose connection has ended, as they were before
   * @return null when there is nothing that could be recovered, or it followed a login, whose
   *     secret that was not kept
   */
  static @Nullable KeptSession of(
      Identity identity, List<Subscription> subscriptions, Trail trail) {
    List<Followed> followed = new ArrayList<>(subscriptions.size());
    Set<Channel> left = new HashSet<>(identity.channels());
    for (Subscription subscription : subscriptions) {
      Channel channel = subscription.channel();
      Position cursor = subscription.cursor();
      left.remove(channel);
      switch (channel) {
        case Channel.OneSession _ -> {}
        case Channel.Login _ -> {
          return null;
        }
        case Channel.Everyone _, Channel.User _, Channel.Topic _ -> {
          if (cursor == null) {
            return null;
          }
          followed.add(new Followed(channel, cursor, subscription.expires()));
        }
      }
    }
    return followed.isEmpty()
        ? null
        : new KeptSession(
            identity.user(),
            trail.from(),
            trail.isWhole(),
            left,
            followed,
            trail.before(),
            trail.steps());
  }

  /**
   * Where the client was on each channel when it got the message of this offset; null when that is
   * not known.
   */
  @Nullable Map<Channel, Position> at(String offset) {
    int got = trail.size() - 1;
    while (got >= 0 && !trail.get(got).offset().equals(offset)) {
      got--;
    }
    boolean begin = offset.equals(SocketIoCodec.START) || offset.equals(from);
    if (got < 0 && !(begin && whole)) {
      return null;
    }
    Map<Channel, Position> positions = new HashMap<>();
    for (Followed each : followed) {
      positions.put(each.channel(), each.position());
    }
    // Newest first, so that each channel ends up before the first message that did not arrive.
    for (int i = trail.size() - 1; i > got; i--) {
      Trail.Step lost = trail.get(i);
      if (positions.containsKey(lost.channel())) {
        positions.put(lost.channel(), previous(lost, i));
      }
    }
    return positions;
  }

  private Position previous(Trail.Step lost, int index) {
    for (int i = index - 1; i >= 0; i--) {
      if (trail.get(i).channel().equals(lost.channel())) {
        return trail.get(i).position();
      }
    }
    Position earlier = before.get(lost.channel());
    return earlier == null ? lost.position().at(lost.position().offset() - 1) : earlier;
  }

  /** About how much memory it takes. */
  int bytes() {
    int bytes = 500 + STEP_BYTES * trail.size() + CHANNEL_BYTES * before.size();
    for (Followed each : followed) {
      bytes += CHANNEL_BYTES + each.channel().id().length();
    }
    for (Channel channel : left) {
      bytes += CHANNEL_BYTES + channel.id().length();
    }
    return bytes;
  }

  // Text ------------------------------------------------------------------------------------------

  /** A line for each part, its kind first; neither users nor channels hold blanks. */
  String text() {
    StringBuilder text = new StringBuilder(1_024);
    line(text, "user", user == null ? NOTHING : user);
    line(text, "from", from);
    line(text, "whole", Boolean.toString(whole));
    left.forEach(channel -> line(text, "left", channel.text()));
    for (Followed each : followed) {
      line(
          text,
          "followed",
          each.channel().text(),
          each.position().text(),
          each.rightEnds() == null ? NOTHING : each.rightEnds().toString());
    }
    before.forEach((channel, position) -> line(text, "before", channel.text(), position.text()));
    trail.forEach(step -> line(text, "step", step.channel().text(), step.position().text()));
    return text.toString();
  }

  private static void line(StringBuilder text, String... words) {
    text.append(String.join(" ", words)).append('\n');
  }

  /**
   * Reads what {@link #text} made; lines of later versions are passed over.
   *
   * @throws RuntimeException when it is no such text
   */
  static KeptSession parse(String text) {
    String user = null;
    String from = SocketIoCodec.START;
    boolean whole = false;
    Set<Channel> left = new HashSet<>();
    List<Followed> followed = new ArrayList<>();
    Map<Channel, Position> before = new HashMap<>();
    List<Trail.Step> trail = new ArrayList<>();
    for (String line : text.split("\n")) {
      String[] words = line.split(" ");
      switch (words[0]) {
        case "user" -> user = words[1].equals(NOTHING) ? null : words[1];
        case "from" -> from = words[1];
        case "whole" -> whole = Boolean.parseBoolean(words[1]);
        case "left" -> left.add(Channel.parse(words[1]));
        case "followed" ->
            followed.add(
                new Followed(
                    Channel.parse(words[1]),
                    Position.parse(words[2]),
                    words[3].equals(NOTHING) ? null : Instant.parse(words[3])));
        case "before" -> before.put(Channel.parse(words[1]), Position.parse(words[2]));
        case "step" -> trail.add(new Trail.Step(Channel.parse(words[1]), Position.parse(words[2])));
        default -> {
          // Of a later version.
        }
      }
    }
    return new KeptSession(user, from, whole, left, followed, before, trail);
  }
}

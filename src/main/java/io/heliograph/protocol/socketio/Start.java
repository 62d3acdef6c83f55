package io.heliograph.protocol.socketio;

import io.heliograph.hub.SessionStart;
import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import io.heliograph.session.Identity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a session starts with: the channels that it follows by its token, and where its client was.
 *
 * @param resumed by rights that were shown for them on the earlier connection
 * @param recovered false: the client asked for a session that cannot be recovered as a whole
 */
record Start(SessionStart session, List<KeptSession.Followed> resumed, boolean recovered) {

  /** Everyone, the user and the session itself are followed without being named. */
  private static final int OWN = 3;

  /**
   * @param kept the session that the client names; null: it names none, or none is known
   * @param maxSubscriptions the most channels that a session may follow
   * @throws InvalidRequestException when it follows too many, or one that the token does not name
   */
  static Start of(
      Identity identity,
      ConnectRequest asked,
      @Nullable KeptSession kept,
      int maxSubscriptions,
      Instant now)
      throws InvalidRequestException {
    List<Channel> channels = channels(identity, asked, kept);
    if (channels.size() + OWN > maxSubscriptions) {
      throw new InvalidRequestException(
          "The token names %d channels, and a session follows at most %d besides its own; name some of them in auth.channels"
              .formatted(channels.size(), maxSubscriptions - OWN));
    }
    Set<Channel> byIdentity = all(identity, channels);
    String offset = asked.offset();
    Map<Channel, Position> positions = kept == null || offset == null ? null : kept.at(offset);
    if (asked.positions() != null) {
      Map<Channel, Position> known = new HashMap<>(positions == null ? Map.of() : positions);
      known.putAll(asked.positions());
      byIdentity.removeAll(known.keySet());
      return new Start(new SessionStart(channels, known, byIdentity, null), List.of(), true);
    }
    if (asked.privateId() == null) {
      return new Start(new SessionStart(channels, Map.of(), Set.of(), null), List.of(), true);
    }
    if (kept == null || positions == null) {
      return new Start(new SessionStart(channels, Map.of(), byIdentity, null), List.of(), false);
    }
    List<KeptSession.Followed> resumed = new ArrayList<>(0);
    boolean complete = true;
    for (KeptSession.Followed each : kept.followed()) {
      Position position = positions.get(each.channel());
      if (byIdentity.contains(each.channel()) || position == null) {
        continue;
      }
      if (each.rightEnds() != null && each.rightEnds().isAfter(now)) {
        resumed.add(new KeptSession.Followed(each.channel(), position, each.rightEnds()));
      } else {
        complete = false;
      }
    }
    return new Start(new SessionStart(channels, positions, Set.of(), null), resumed, complete);
  }

  private static List<Channel> channels(
      Identity identity, ConnectRequest asked, @Nullable KeptSession kept)
      throws InvalidRequestException {
    Set<Channel> channels = new LinkedHashSet<>();
    if (asked.channels() == null) {
      for (Channel channel : identity.channels()) {
        if (channel instanceof Channel.Topic || channel instanceof Channel.User) {
          channels.add(channel);
        }
      }
      if (kept != null) {
        channels.removeAll(kept.left());
      }
    } else {
      for (Channel channel : asked.channels()) {
        if (!channel.equals(Channel.EVERYONE) && !identity.names(channel)) {
          throw new InvalidRequestException(
              channel.text() + ": the token does not name this channel");
        }
        channels.add(channel);
      }
    }
    channels.remove(Channel.EVERYONE);
    if (identity.user() != null) {
      channels.remove(new Channel.User(identity.user()));
    }
    return channels.stream().sorted(Comparator.comparing(Channel::text)).toList();
  }

  private static Set<Channel> all(Identity identity, List<Channel> channels) {
    Set<Channel> all = new HashSet<>(channels);
    all.add(Channel.EVERYONE);
    if (identity.user() != null) {
      all.add(new Channel.User(identity.user()));
    }
    return all;
  }
}

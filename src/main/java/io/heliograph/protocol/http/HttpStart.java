package io.heliograph.protocol.http;

import io.heliograph.hub.SessionStart;
import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import io.heliograph.session.Identity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a request says about the session that it wants: a client of a stream or poll cannot
 * subscribe on its connection.
 *
 * @param named the channels that it asks for; empty: all that its token names
 * @param since where it was, as a {@link PositionVector}; null: it begins
 */
record HttpStart(List<Channel> named, @Nullable String since) {

  static final String CHANNEL = "channel";

  /** The most channels that a request may name. */
  private static final int MAX_NAMED = 16;

  /** Everyone, the user and the session itself are followed without being named. */
  private static final int OWN = 3;

  /**
   * @param names the values of the parameter
   * @throws ProblemException for a text that is no channel, or too many
   */
  static HttpStart of(List<String> names, @Nullable String since) {
    if (names.size() > MAX_NAMED) {
      throw ProblemException.invalid(
          CHANNEL, "may come at most " + MAX_NAMED + " times, but came " + names.size() + " times");
    }
    List<Channel> named = new ArrayList<>(names.size());
    for (String name : names) {
      try {
        named.add(Channel.parse(name));
      } catch (IllegalArgumentException e) {
        throw ProblemException.invalid(CHANNEL, String.valueOf(e.getMessage()));
      }
    }
    return new HttpStart(named, since);
  }

  /**
   * What the session starts with.
   *
   * @param maxSubscriptions the most channels of a session
   * @throws ProblemException for a channel that the identity does not name
   */
  SessionStart with(Identity identity, int maxSubscriptions, @Nullable Duration lifetime) {
    Channel user = identity.user() == null ? null : new Channel.User(identity.user());
    List<Channel> channels =
        channels(identity).stream()
            .filter(channel -> !channel.equals(Channel.EVERYONE) && !channel.equals(user))
            .sorted(Comparator.comparing(Channel::text))
            .toList();
    if (channels.size() + OWN > maxSubscriptions) {
      throw new ProblemException(
          ProblemType.TOO_MANY_SUBSCRIPTIONS,
          "The token names %d channels, and a session follows at most %d besides its own; name some of them with the parameter %s."
              .formatted(channels.size(), maxSubscriptions - OWN, CHANNEL));
    }
    List<Channel> followed = new ArrayList<>(channels.size() + 2);
    followed.add(Channel.EVERYONE);
    if (user != null) {
      followed.add(user);
    }
    followed.addAll(channels);
    if (since == null) {
      return new SessionStart(channels, Map.of(), Set.of(), lifetime);
    }
    Map<Channel, Position> positions = new PositionVector(followed).read(since);
    Map<Channel, Position> known = positions == null ? Map.of() : positions;
    Set<Channel> lost =
        followed.stream()
            .filter(channel -> !known.containsKey(channel))
            .collect(Collectors.toUnmodifiableSet());
    return new SessionStart(channels, known, lost, lifetime);
  }

  private Set<Channel> channels(Identity identity) {
    if (named.isEmpty()) {
      return identity.channels().stream()
          .filter(channel -> channel instanceof Channel.Topic || channel instanceof Channel.User)
          .collect(Collectors.toSet());
    }
    for (Channel channel : named) {
      switch (channel) {
        case Channel.Everyone _ -> {}
        case Channel.User _, Channel.Topic _ -> {
          if (!identity.names(channel)) {
            throw new ProblemException(
                ProblemType.FORBIDDEN, channel.text() + ": the token does not name this channel");
          }
        }
        case Channel.OneSession _ ->
            throw new ProblemException(
                ProblemType.FORBIDDEN, channel.text() + ": is the channel of another session");
        case Channel.Login _ ->
            throw new ProblemException(
                ProblemType.FORBIDDEN,
                channel.text() + ": a login is followed on a WebSocket, with its watch token");
      }
    }
    return new LinkedHashSet<>(named);
  }
}

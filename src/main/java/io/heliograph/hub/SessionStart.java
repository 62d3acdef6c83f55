package io.heliograph.hub;

import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a session starts with, for clients that cannot subscribe on their connection or resume
 * several channels at once.
 *
 * @param channels followed from the start besides the session's own; the session's identity names
 *     each, and there are no more than a session may follow
 * @param since the positions after which to resume; other channels begin as for a new session
 * @param lost channels on which the client is known to have missed messages, because nothing shows
 *     where it was; the welcome names them
 * @param lifetime after about this time the session ends; null: {@code heliograph.session.lifetime}
 */
public record SessionStart(
    List<Channel> channels,
    Map<Channel, Position> since,
    Set<Channel> lost,
    @Nullable Duration lifetime) {

  /** The session's own channels, from now on. */
  public static final SessionStart NEW = new SessionStart(List.of(), Map.of(), Set.of(), null);

  public SessionStart {
    channels = List.copyOf(channels);
    since = Map.copyOf(since);
    lost = Set.copyOf(lost);
  }
}

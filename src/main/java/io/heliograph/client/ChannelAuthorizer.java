package io.heliograph.client;

import io.heliograph.hub.ChannelRight;
import io.heliograph.message.Channel;
import io.heliograph.session.ServerEvent.Problem;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether the token that came with a subscribe lets a session follow a channel that is not
 * its own. One implementation reads browser tokens, another the watch tokens of logins.
 */
public interface ChannelAuthorizer {

  boolean decides(Channel channel);

  /**
   * May block for seconds (keys may have to be fetched), so it is never called on a thread that
   * reads connections.
   */
  Decision decide(Channel channel, @Nullable String token);

  sealed interface Decision {}

  record Granted(ChannelRight right) implements Decision {}

  record Refused(Problem problem) implements Decision {}
}

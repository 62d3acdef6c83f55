package io.heliograph.security;

import io.heliograph.message.Channel;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The content of a verified browser token: the user of the session and the channels that it may
 * follow besides.
 *
 * @param user the id of a {@link Channel.User}; null: the token names channels only
 * @param channels the channels that the token grants, at most {@value #MAX_CHANNELS}; never a
 *     login, which has its own watch token
 * @param expiresAt the session ends here unless a new token comes; the clock skew is not in it
 */
public record BrowserToken(@Nullable String user, Set<Channel> channels, Instant expiresAt) {

  public static final int MAX_CHANNELS = 64;

  public BrowserToken {
    if (user != null) {
      var _ = new Channel.User(user);
    }
    channels = Set.copyOf(channels);
    if (channels.size() > MAX_CHANNELS) {
      throw new IllegalArgumentException("a token names at most " + MAX_CHANNELS + " channels");
    }
    if (channels.stream().anyMatch(Channel.Login.class::isInstance)) {
      throw new IllegalArgumentException("a login is followed with its watch token");
    }
  }
}

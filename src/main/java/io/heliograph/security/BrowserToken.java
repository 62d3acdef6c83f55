package io.heliograph.security;

import io.heliograph.message.Channel;
import io.heliograph.message.ChannelPattern;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The content of a verified browser token: the user of the session and the channels that it may
 * follow besides and send to.
 *
 * @param user the id of a {@link Channel.User}; null: the token names channels only
 * @param channels the channels that the token grants, at most {@value #MAX_CHANNELS}; never a
 *     login, which has its own watch token
 * @param publish the topics that the user's clients may publish to, at most {@value #MAX_CHANNELS}
 * @param upload whether they may upload
 * @param expiresAt the session ends here unless a new token comes; the clock skew is not in it
 */
public record BrowserToken(
    @Nullable String user,
    Set<Channel> channels,
    Set<ChannelPattern> publish,
    boolean upload,
    Instant expiresAt) {

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
    publish = Set.copyOf(publish);
    if (publish.size() > MAX_CHANNELS) {
      throw new IllegalArgumentException("a token names at most " + MAX_CHANNELS + " channels");
    }
    if (!publish.stream().allMatch(pattern -> pattern.text().startsWith("topic:"))) {
      throw new IllegalArgumentException("clients publish to topic: channels only");
    }
    if (user == null && (upload || !publish.isEmpty())) {
      // What clients send says who sent it.
      throw new IllegalArgumentException("a token without a user cannot publish or upload");
    }
  }
}

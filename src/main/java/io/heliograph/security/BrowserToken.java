package io.heliograph.security;

import io.heliograph.message.Channel;
import io.heliograph.message.ChannelPattern;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The content of a verified browser token: the user of the session, and the channels that the
 * session may subscribe to and publish to.
 *
 * @param user the id of a {@link Channel.User}; null: the token names channels only
 * @param channels the channels that the token grants, at most {@value #MAX_CHANNELS}; never {@code
 *     login:} channels, which need a watch token
 * @param publish the topics that the user's clients may publish to, at most {@value #MAX_CHANNELS}
 * @param upload whether the user's clients may upload
 * @param expiresAt the session ends at this time unless it presents a new token; without clock skew
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
      throw new IllegalArgumentException("a token may name at most " + MAX_CHANNELS + " channels");
    }
    if (channels.stream().anyMatch(Channel.Login.class::isInstance)) {
      throw new IllegalArgumentException(
          "a token cannot name a login: channel; subscribing to it needs its watch token");
    }
    publish = Set.copyOf(publish);
    if (publish.size() > MAX_CHANNELS) {
      throw new IllegalArgumentException("a token may name at most " + MAX_CHANNELS + " channels");
    }
    if (!publish.stream().allMatch(pattern -> pattern.text().startsWith("topic:"))) {
      throw new IllegalArgumentException("a token can name only topic: channels in publish");
    }
    if (user == null && (upload || !publish.isEmpty())) {
      // Messages of clients carry the user's id.
      throw new IllegalArgumentException("a token without a user cannot publish or upload");
    }
  }
}

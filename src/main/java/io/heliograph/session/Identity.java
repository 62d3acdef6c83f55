package io.heliograph.session;

import io.heliograph.message.Channel;
import io.heliograph.message.ChannelPattern;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whom a session speaks for.
 *
 * @param user null: anonymous
 * @param channels what its token lets it follow besides its own channels
 * @param publish the channels that its token lets it publish to; none for anonymous sessions
 * @param upload whether its token lets it upload
 * @param expires when the token ends, by the wall clock; null: never
 */
public record Identity(
    @Nullable String user,
    Set<Channel> channels,
    Set<ChannelPattern> publish,
    boolean upload,
    @Nullable Instant expires) {

  public static final Identity ANONYMOUS = new Identity(null, Set.of(), null);

  public Identity {
    channels = Set.copyOf(channels);
    publish = Set.copyOf(publish);
  }

  /** One that only receives. */
  public Identity(@Nullable String user, Set<Channel> channels, @Nullable Instant expires) {
    this(user, channels, Set.of(), false, expires);
  }

  /** Whether its client may publish to the channel. */
  public boolean mayPublishTo(Channel channel) {
    return user != null
        && channel instanceof Channel.Topic
        && publish.stream().anyMatch(pattern -> pattern.matches(channel));
  }

  /** Whether it is enough to follow a user's channel or a topic, without another token. */
  public boolean names(Channel channel) {
    return channels.contains(channel)
        || (channel instanceof Channel.User(String id) && id.equals(user));
  }
}

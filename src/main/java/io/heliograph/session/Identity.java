package io.heliograph.session;

import io.heliograph.message.Channel;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whom a session speaks for.
 *
 * @param user null: anonymous
 * @param channels what its token lets it follow besides its own channels
 * @param expires when the token ends, by the wall clock; null: never
 */
public record Identity(@Nullable String user, Set<Channel> channels, @Nullable Instant expires) {

  public static final Identity ANONYMOUS = new Identity(null, Set.of(), null);

  public Identity {
    channels = Set.copyOf(channels);
  }

  /** Whether it is enough to follow a user's channel or a topic, without another token. */
  public boolean names(Channel channel) {
    return channels.contains(channel)
        || (channel instanceof Channel.User(String id) && id.equals(user));
  }
}

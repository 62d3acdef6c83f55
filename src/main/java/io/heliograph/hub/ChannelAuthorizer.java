package io.heliograph.hub;

import io.heliograph.message.Channel;
import io.heliograph.session.ServerEvent.Problem;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether the token that came with a subscribe lets a session follow a channel that is not
 * its own. One implementation reads browser tokens, another the watch tokens of logins.
 */
public interface ChannelAuthorizer {

  boolean decides(Channel channel);

  /**
   * May block for seconds (keys may have to be fetched), so it is never called on a socket's
   * thread.
   */
  Decision decide(Channel channel, @Nullable String token);

  sealed interface Decision {}

  /**
   * @param expires when the right to follow ends; null: with the session
   * @param state reads what the channel's state is now, as JSON text or null; asked after following
   *     has begun, so that no change falls between, and again when it was overtaken. Must not block
   */
  record Granted(@Nullable Instant expires, Supplier<CompletableFuture<@Nullable String>> state)
      implements Decision {
    public static Granted until(@Nullable Instant expires) {
      return new Granted(expires, () -> CompletableFuture.completedFuture(null));
    }
  }

  record Refused(Problem problem) implements Decision {}
}

package io.heliograph.hub;

import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What lets a session follow a channel.
 *
 * @param expires when it ends; null: with the session
 * @param state reads what the channel's state is now, as JSON text or null; asked after following
 *     has begun, so that no change falls between, and again when it was overtaken. Must not block
 */
public record ChannelRight(
    @Nullable Instant expires, Supplier<CompletableFuture<@Nullable String>> state) {

  /** The right to a channel that belongs to the session. */
  public static final ChannelRight OWN = until(null);

  /** For a channel without a state. */
  public static ChannelRight until(@Nullable Instant expires) {
    return new ChannelRight(expires, () -> CompletableFuture.completedFuture(null));
  }
}

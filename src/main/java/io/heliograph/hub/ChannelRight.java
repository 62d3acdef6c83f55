package io.heliograph.hub;

import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The right of a session to subscribe to a channel.
 *
 * @param expires when the right ends; null: with the session
 * @param state reads the channel's current state, as JSON text or null. Called after the
 *     subscription has begun, so that no change is missed, and again when a newer state was
 *     delivered meanwhile. Must not block
 */
public record ChannelRight(
    @Nullable Instant expires, Supplier<CompletableFuture<@Nullable String>> state) {

  /** The right to the session's own channels. */
  public static final ChannelRight OWN = until(null);

  /** A right to a channel without a state. */
  public static ChannelRight until(@Nullable Instant expires) {
    return new ChannelRight(expires, () -> CompletableFuture.completedFuture(null));
  }
}

package io.heliograph.web;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A slow call that many want at once and one makes, on a virtual thread. No lock is held while it
 * runs: each caller waits for the result as long as it wants to. Safe for many threads.
 */
public final class SharedCall<T extends @Nullable Object> {

  private final AtomicReference<@Nullable CompletableFuture<T>> running = new AtomicReference<>();

  /** The call that is under way; null when there is none. */
  public @Nullable CompletableFuture<T> running() {
    return running.get();
  }

  /**
   * Joins the call that is under way, or begins one.
   *
   * @param call has to end by itself; {@link OutboundCall} does
   */
  public CompletableFuture<T> join(Callable<T> call) {
    var mine = new CompletableFuture<T>();
    CompletableFuture<T> other = running.compareAndExchange(null, mine);
    if (other != null) {
      return other;
    }
    Thread.ofVirtual()
        .name("heliograph-outbound")
        .start(
            () -> {
              try {
                T result = call.call();
                running.set(null);
                mine.complete(result);
              } catch (Throwable e) { // an Error, too, or no later caller would call again
                running.set(null);
                mine.completeExceptionally(e);
              }
            });
    return mine;
  }
}

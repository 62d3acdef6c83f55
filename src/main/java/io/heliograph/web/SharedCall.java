package io.heliograph.web;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A slow call that concurrent callers share: the first one starts it on a virtual thread, and the
 * others join it. No lock is held while it runs, so each caller decides how long it waits.
 * Thread-safe.
 */
public final class SharedCall<T extends @Nullable Object> {

  private final AtomicReference<@Nullable CompletableFuture<T>> running = new AtomicReference<>();

  /** The call in progress; null when there is none. */
  public @Nullable CompletableFuture<T> running() {
    return running.get();
  }

  /**
   * Joins the call in progress, or starts one.
   *
   * @param call has to end by itself, as {@link OutboundCall} does
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
              } catch (Throwable e) { // Errors too, or the call could never be started again
                running.set(null);
                mine.completeExceptionally(e);
              }
            });
    return mine;
  }
}

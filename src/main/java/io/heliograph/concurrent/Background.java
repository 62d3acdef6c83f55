package io.heliograph.concurrent;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs work that no caller waits for: continuations of futures, repeated tasks, tasks on another
 * thread. A {@code CompletableFuture} discards what its continuation throws, and a scheduled task
 * that throws never runs again; this class logs each such failure or passes it to a handler. That
 * includes {@link Error}s, because the thread that runs the task is shared.
 */
public final class Background {

  private static final Logger log = LoggerFactory.getLogger(Background.class);

  private Background() {}

  /**
   * Runs a continuation when the future is complete, with a value or a failure.
   *
   * @param what for the log line, when the continuation throws
   */
  public static <T> void onCompletion(
      String what,
      CompletionStage<T> future,
      BiConsumer<@Nullable T, @Nullable Throwable> continuation) {
    onCompletion(future, continuation, failure -> failed(what, failure));
  }

  /**
   * As above, with a handler.
   *
   * @param failed gets what the continuation throws
   */
  public static <T> void onCompletion(
      CompletionStage<T> future,
      BiConsumer<@Nullable T, @Nullable Throwable> continuation,
      Consumer<Throwable> failed) {
    var _ =
        future.whenComplete(
            (value, failure) -> {
              try {
                continuation.accept(value, failure);
              } catch (Throwable e) {
                report(e, failed);
              }
            });
  }

  /**
   * Looks at the failure of a future whose value is not needed.
   *
   * @param expected gets the failure; for failures that are part of normal operation
   */
  public static void onFailure(
      String what, CompletionStage<?> future, Consumer<Throwable> expected) {
    onCompletion(
        what,
        future,
        (_, failure) -> {
          if (failure != null) {
            expected.accept(failure);
          }
        });
  }

  /** Logs the failure of a future that is not expected to fail. */
  public static void observe(String what, CompletionStage<?> future) {
    onFailure(what, future, failure -> failed(what, failure));
  }

  /** A task that never throws: an exception would stop a repeated task or a shared thread. */
  public static Runnable guarded(String what, Runnable task) {
    return () -> run(what, task);
  }

  /** Runs a task now; what it throws is logged. */
  public static void run(String what, Runnable task) {
    try {
      task.run();
    } catch (Throwable e) {
      failed(what, e);
    }
  }

  /** Returns a future in any case: an exception of the call becomes the future's failure. */
  public static <T> CompletableFuture<T> attempt(Supplier<CompletableFuture<T>> call) {
    try {
      return call.get();
    } catch (Throwable e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static void report(Throwable failure, Consumer<Throwable> failed) {
    try {
      failed.accept(failure);
    } catch (Throwable e) {
      e.addSuppressed(failure);
      failed("Handling a failure", e);
    }
  }

  private static void failed(String what, Throwable failure) {
    log.error("{} failed", what, failure);
  }
}

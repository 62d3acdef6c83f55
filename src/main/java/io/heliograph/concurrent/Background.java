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
 * Runs what no caller waits for: continuations of futures, repeated tasks, tasks on another thread.
 * A {@code CompletableFuture} swallows what its continuation throws, and a scheduled task that
 * throws is never run again; here each such failure reaches a log line or a handler. Errors count
 * as well as exceptions: the thread that runs the task belongs to many.
 */
public final class Background {

  private static final Logger log = LoggerFactory.getLogger(Background.class);

  private Background() {}

  /**
   * Runs a continuation when the future is complete, well or not.
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
   * The same.
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
   * Looks at the failure of a future whose value nobody needs.
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

  /** Logs the failure of a future that nobody expects to fail. */
  public static void observe(String what, CompletionStage<?> future) {
    onFailure(what, future, failure -> failed(what, failure));
  }

  /** A task that never throws, as repeated tasks and tasks of a shared thread have to be. */
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

  /** A future in every case: what the call throws becomes the future's failure. */
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

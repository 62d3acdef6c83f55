package io.heliograph.concurrent;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A task that runs repeatedly on its own thread, so that a slow run delays no other task.
 * Exceptions are logged and do not stop the repetition. The class is not an {@code Executor},
 * because Spring Boot creates no task executor of its own when a bean is one.
 */
public final class RepeatedTask implements AutoCloseable {

  private final ScheduledExecutorService thread;

  /**
   * @param thread the thread's name
   * @param pause between the end of a run and the next one
   * @param what for the log line, when the task throws
   */
  public RepeatedTask(String thread, Duration pause, String what, Runnable task) {
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name(thread).factory());
    var _ =
        this.thread.scheduleWithFixedDelay(
            Background.guarded(what, task),
            pause.toMillis(),
            pause.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  /** Interrupts a run that is in progress. */
  @Override
  public void close() {
    thread.shutdownNow();
  }
}

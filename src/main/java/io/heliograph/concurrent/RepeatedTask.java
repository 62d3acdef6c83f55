package io.heliograph.concurrent;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A task that a thread of its own runs again and again, so that a slow run delays no other task.
 * What it throws is logged, and the next run comes nevertheless. As a bean it is no executor, at
 * which Spring Boot would leave out its own.
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
    this.thread.scheduleWithFixedDelay(
        Background.guarded(what, task), pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Interrupts a run that is in progress. */
  @Override
  public void close() {
    thread.shutdownNow();
  }
}

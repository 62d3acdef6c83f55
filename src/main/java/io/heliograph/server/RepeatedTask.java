package io.heliograph.server;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.thread.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A short task that runs on Jetty's scheduler at intervals until closed, also after it has thrown.
 */
final class RepeatedTask implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(RepeatedTask.class);

  private final Scheduler scheduler;
  private final Duration interval;
  private final Runnable task;
  private volatile boolean closed;

  RepeatedTask(Scheduler scheduler, Duration interval, Runnable task) {
    this.scheduler = scheduler;
    this.interval = interval;
    this.task = task;
    scheduleNext();
  }

  private void scheduleNext() {
    if (!closed) {
      scheduler.schedule(this::run, interval.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void run() {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      log.error("A repeated task of the server failed; it will run again", e);
    } finally {
      scheduleNext();
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}

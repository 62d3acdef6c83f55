package io.heliograph.server;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionHandler;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Executors on platform threads, which the scheduler preempts, unlike virtual threads. */
final class PlatformThreads {

  private PlatformThreads() {}

  /**
   * An executor with one thread per core.
   *
   * @param name the prefix of the threads' names, followed by a number
   * @param afterShutdown handles tasks that are submitted after the shutdown
   */
  static ThreadPoolExecutor oneForEachCore(String name, RejectedExecutionHandler afterShutdown) {
    int cores = Runtime.getRuntime().availableProcessors();
    return new ThreadPoolExecutor(
        cores,
        cores,
        0,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(),
        Thread.ofPlatform().daemon().name(name, 0).factory(),
        afterShutdown);
  }
}

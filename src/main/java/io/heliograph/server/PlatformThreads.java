package io.heliograph.server;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionHandler;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Threads that the system interrupts, as it never does virtual ones. */
final class PlatformThreads {

  private PlatformThreads() {}

  /**
   * As many as there are cores.
   *
   * @param name what they are called, with a number behind it
   * @param afterShutdown what becomes of a task that comes too late
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

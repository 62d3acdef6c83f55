package io.heliograph.server;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;

/**
 * Executor for reads of connections: platform threads, one per core. The web server itself runs on
 * virtual threads, which are not preempted: a carrier runs the threads that it started before it
 * takes others. With thousands of connections that broke at once, their reads would all run before
 * a publish request is served.
 *
 * <p>A connection has at most one read in progress, so the order of its frames does not depend on
 * this executor.
 */
public final class ReadExecutor implements Executor, AutoCloseable {

  /** Reads after the shutdown are discarded, because their connections are closed. */
  private final ExecutorService threads =
      PlatformThreads.oneForEachCore("heliograph-read-", new ThreadPoolExecutor.DiscardPolicy());

  @Override
  public void execute(Runnable read) {
    threads.execute(read);
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}

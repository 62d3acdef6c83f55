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
 * this executor. It is no {@link Executor} itself, since Spring Boot would leave out its own one if
 * a bean were.
 */
public final class ReadExecutor implements AutoCloseable {

  /** Reads after the shutdown are discarded, because their connections are closed. */
  private final ExecutorService threads =
      PlatformThreads.oneForEachCore("heliograph-read-", new ThreadPoolExecutor.DiscardPolicy());

  public Executor executor() {
    return threads;
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}

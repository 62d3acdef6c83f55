package io.heliograph.server;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;

/**
 * Where sockets that can be read wait for their turn: on platform threads, one a core, which the
 * system interrupts. The web server's own work is on virtual threads, and those are never
 * interrupted: one carrier a core takes what its own threads start before it looks at anything
 * else. Ten thousand lines that broke in one moment were read there one after the other, and a
 * backend's push waited for all of them.
 *
 * <p>A connection has one read under way at a time, so the order of its frames does not depend on
 * this.
 */
public final class ReadExecutor implements Executor, AutoCloseable {

  /** A read comes late only when the server has stopped, and its connection is gone. */
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

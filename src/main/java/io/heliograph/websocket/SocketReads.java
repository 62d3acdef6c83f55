package io.heliograph.websocket;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

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
final class SocketReads implements Executor, AutoCloseable {

  private final ThreadPoolExecutor threads;

  SocketReads() {
    int cores = Runtime.getRuntime().availableProcessors();
    threads =
        new ThreadPoolExecutor(
            cores,
            cores,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("heliograph-read-", 0).factory(),
            // Only after close: the server has stopped, and its connections are gone.
            new ThreadPoolExecutor.DiscardPolicy());
  }

  @Override
  public void execute(Runnable read) {
    threads.execute(read);
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}

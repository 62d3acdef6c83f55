package io.heliograph.server;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Where sessions end whose line broke: at half speed, because nobody waits for it. When thousands
 * break in one moment, ending them took all that the machine had for as long as it lasted, and
 * those who stayed got their messages afterwards; what is left of each for the web server to clear
 * away, on virtual threads that nobody interrupts, comes in small pieces, too. A line that was
 * reset fails to be read rather than ending, and its session ends there.
 *
 * <p>Threads: platform threads of its own, one a core.
 */
public final class SocketEnds implements Executor, AutoCloseable {

  /** About half a millisecond of work, and as long a rest. */
  private static final int AT_ONCE = 16;

  private static final Duration REST = Duration.ofNanos(500_000);

  private final AtomicInteger ended = new AtomicInteger();

  /** Who is still there when the server stops ends with it, without waiting. */
  private final ThreadPoolExecutor threads =
      PlatformThreads.oneForEachCore("heliograph-end-", (end, _) -> end.run());

  @Override
  public void execute(Runnable end) {
    threads.execute(
        () -> {
          try {
            end.run();
          } finally {
            rest();
          }
        });
  }

  private void rest() {
    if (ended.incrementAndGet() % AT_ONCE == 0 && !threads.getQueue().isEmpty()) {
      LockSupport.parkNanos(REST.toNanos());
    }
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}

package io.heliograph.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The risk: thousands of connections break at once, and their reads delay everything else. */
class ReadExecutorTests {

  private static final int TASKS = 10_000;

  @Test
  void readsRunOnOnePlatformThreadPerCore() {
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    var done = new AtomicInteger();
    try (var reads = new ReadExecutor()) {
      for (int i = 0; i < TASKS; i++) {
        reads
            .executor()
            .execute(
                () -> {
                  threads.add(Thread.currentThread());
                  done.incrementAndGet();
                });
      }
      await().until(() -> done.get() == TASKS);
    }
    assertThat(threads)
        .hasSizeLessThanOrEqualTo(Runtime.getRuntime().availableProcessors())
        .noneMatch(Thread::isVirtual);
    await().until(() -> threads.stream().noneMatch(Thread::isAlive));
  }

  @Test
  void aFailedReadDoesNotStopTheExecutor() {
    var done = new AtomicInteger();
    try (var reads = new ReadExecutor()) {
      for (int i = 0; i < Runtime.getRuntime().availableProcessors() + 1; i++) {
        reads
            .executor()
            .execute(
                () -> {
                  done.incrementAndGet();
                  throw new IllegalStateException("as wanted");
                });
      }
      reads.executor().execute(done::incrementAndGet);
      await()
          .dontCatchUncaughtExceptions()
          .until(() -> done.get() == Runtime.getRuntime().availableProcessors() + 2);
    }
  }

  @Test
  void afterCloseReadsAreDiscarded() {
    var reads = new ReadExecutor();
    reads.close();
    reads
        .executor()
        .execute(
            () -> {
              throw new AssertionError("it was read");
            });
  }
}

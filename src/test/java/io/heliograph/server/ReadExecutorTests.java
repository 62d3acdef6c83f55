package io.heliograph.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The risk: a crowd's lines break at once, and everything else waits until all were read. */
class ReadExecutorTests {

  private static final int CROWD = 10_000;

  @Test
  void aCrowdIsReadByAsManyThreadsAsThereAreCoresAndTheSystemInterruptsThem() {
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    var done = new AtomicInteger();
    try (var reads = new ReadExecutor()) {
      for (int i = 0; i < CROWD; i++) {
        reads.execute(
            () -> {
              threads.add(Thread.currentThread());
              done.incrementAndGet();
            });
      }
      await().until(() -> done.get() == CROWD);
    }
    assertThat(threads)
        .hasSizeLessThanOrEqualTo(Runtime.getRuntime().availableProcessors())
        .noneMatch(Thread::isVirtual);
    await().until(() -> threads.stream().noneMatch(Thread::isAlive));
  }

  @Test
  void oneThatFailsIsNotTheLast() {
    var done = new AtomicInteger();
    try (var reads = new ReadExecutor()) {
      for (int i = 0; i < Runtime.getRuntime().availableProcessors() + 1; i++) {
        reads.execute(
            () -> {
              done.incrementAndGet();
              throw new IllegalStateException("as wanted");
            });
      }
      reads.execute(done::incrementAndGet);
      await()
          .dontCatchUncaughtExceptions()
          .until(() -> done.get() == Runtime.getRuntime().availableProcessors() + 2);
    }
  }

  @Test
  void afterTheEndNothingIsReadAndNothingFails() {
    var reads = new ReadExecutor();
    reads.close();
    reads.execute(
        () -> {
          throw new AssertionError("it was read");
        });
  }
}

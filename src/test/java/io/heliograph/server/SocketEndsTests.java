package io.heliograph.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The risk: a session whose line broke is never ended, and stays for ever. */
class SocketEndsTests {

  private static final int CROWD = 1_000;
  private static final int CORES = Runtime.getRuntime().availableProcessors();

  @Test
  void allOfACrowdEndOnThreadsThatTheSystemInterrupts() {
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    var ended = new AtomicInteger();
    try (var ends = new SocketEnds()) {
      for (int i = 0; i < CROWD; i++) {
        ends.execute(
            () -> {
              threads.add(Thread.currentThread());
              ended.incrementAndGet();
            });
      }
      await().until(() -> ended.get() == CROWD);
    }
    assertThat(threads).hasSizeLessThanOrEqualTo(CORES).noneMatch(Thread::isVirtual);
    await().until(() -> threads.stream().noneMatch(Thread::isAlive));
  }

  @Test
  void oneThatFailsIsNotTheLast() {
    var ended = new AtomicInteger();
    try (var ends = new SocketEnds()) {
      for (int i = 0; i <= CORES; i++) {
        ends.execute(
            () -> {
              throw new IllegalStateException("as wanted");
            });
      }
      ends.execute(ended::incrementAndGet);
      await().dontCatchUncaughtExceptions().until(() -> ended.get() == 1);
    }
  }

  @Test
  void whoIsStillThereWhenTheServerStopsEndsAtOnce() {
    var ended = new AtomicInteger();
    var ends = new SocketEnds();
    ends.close();
    ends.execute(ended::incrementAndGet);
    assertThat(ended).hasValue(1);
  }
}

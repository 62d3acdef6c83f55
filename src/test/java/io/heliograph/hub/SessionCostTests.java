package io.heliograph.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.bench.million.SimulatedNode;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * What an idle session costs in live heap, by count: three channels, an address of its own, and no
 * socket, which is Jetty's part of it.
 */
class SessionCostTests {

  /** Raise it only together with a reason. Object headers are the usual ones here. */
  private static final int MOST_BYTES_A_SESSION = 900;

  private static final int SESSIONS = 20_000;

  @Test
  void anIdleSessionIsSmall() {
    try (var node = new SimulatedNode(1)) {
      node.growTo(100);
      // What else lives in this JVM grows and goes meanwhile, now and then by far more than this:
      // so the middle of five counts. Of ours nothing is let go before the end, or it flattered.
      long[] bytes = LongStream.range(0, 5).map(_ -> bytesASession(node)).sorted().toArray();
      assertThat(bytes[2])
          .as("bytes of live heap a session, of %s", Arrays.toString(bytes))
          .isBetween(200L, (long) MOST_BYTES_A_SESSION);
    }
  }

  private static long bytesASession(SimulatedNode node) {
    int already = node.size();
    long before = liveHeap();
    node.growTo(already + SESSIONS);
    node.heartbeat();
    long after = liveHeap();
    assertThat(node.size()).isEqualTo(already + SESSIONS);
    return (after - before) / SESSIONS;
  }

  private static long liveHeap() {
    System.gc();
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}

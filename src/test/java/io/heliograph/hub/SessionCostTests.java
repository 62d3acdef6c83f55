package io.heliograph.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.bench.million.SimulatedNode;
import java.lang.management.ManagementFactory;
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
      // What else lives in this JVM may grow meanwhile, so the best of three counts. Nothing of
      // ours is let go before the end: that would flatter.
      long least = Long.MAX_VALUE;
      for (int tries = 0; tries < 3 && least > MOST_BYTES_A_SESSION; tries++) {
        least = Math.min(least, bytesASession(node));
      }
      assertThat(least)
          .as("bytes of live heap a session")
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

package io.heliograph.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.heliograph.bench.million.SimulatedNode;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/**
 * What a copy of a message costs in garbage, counted and not timed: no machine is too slow for it.
 * The bound is the interpreter's count with a margin; compiled code allocates less, never more.
 */
class DeliveryCostTests {

  /** Raise it only together with a reason. */
  private static final int MOST_BYTES_A_COPY = 300;

  private static final int PUSHES = 2_000;

  /**
   * Fewer than what a lane is worth: the pushing thread, whose bytes are counted, writes to all.
   */
  private static final int MANY = 15;

  private static final ThreadMXBean THREADS =
      ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

  @Test
  void aCopyOfAMessageLeavesLittleGarbage() {
    // What the push itself costs is the same for one and for many, and goes out.
    double aCopy = (double) (bytesFor(MANY) - bytesFor(1)) / PUSHES / (MANY - 1);
    assertThat(aCopy)
        .as("bytes that delivering one copy allocates")
        .isBetween(1.0, (double) MOST_BYTES_A_COPY);
  }

  private static long bytesFor(int sessions) {
    try (var node = new SimulatedNode(1)) {
      node.growTo(sessions);
      push(node, 200);
      long before = THREADS.getCurrentThreadAllocatedBytes();
      push(node, PUSHES);
      return THREADS.getCurrentThreadAllocatedBytes() - before;
    }
  }

  private static void push(SimulatedNode node, int times) {
    long expected = node.writes() + (long) times * node.size();
    for (int i = 0; i < times; i++) {
      node.push("\"hello\"");
    }
    assertThat(node.writes()).as("copies that were written").isEqualTo(expected);
  }
}

package io.heliograph.bench.million;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/**
 * One JVM's part of {@link Million}: grows, measures, and prints lines that begin with {@link
 * #FIGURE}. Arguments: how many sessions.
 */
final class MillionRun {

  static final String FIGURE = "figure\t";

  private static final int WARM_SESSIONS = 20_000;
  private static final int WARM_ROUNDS = 30;
  private static final int ROUNDS = 10;
  private static final int STEPS = 4;

  /** So long are broadcasts sent at least: the collector has to have something to do. */
  private static final long LEAST_NANOS = 10_000_000_000L;

  private static final String PAYLOAD = "\"" + "x".repeat(126) + "\"";

  private final SimulatedNode node = new SimulatedNode(Runtime.getRuntime().availableProcessors());
  private final int count;

  private MillionRun(int count) {
    this.count = count;
  }

  public static void main(String[] args) throws IOException {
    new MillionRun(Integer.parseInt(args[0])).run();
    // Lanes and the recorder's threads have nothing more to do.
    System.exit(0);
  }

  private void run() throws IOException {
    node.growTo(Math.min(WARM_SESSIONS, count));
    for (int i = 0; i < WARM_ROUNDS; i++) {
      broadcast();
      node.heartbeat();
    }
    int first = node.size();
    long before = liveHeap();
    for (int step = 1; step <= STEPS; step++) {
      int size = first + (int) ((long) (count - first) * step / STEPS);
      node.growTo(size);
      if (size > first) {
        figure(
            "heap a session up to " + String.format(Locale.ROOT, "%,d", size) + ", B",
            (double) (liveHeap() - before) / (size - first));
      }
    }
    broadcast();
    // The round that was begun with fewer sessions.
    node.heartbeat();
    measure();
  }

  private void measure() throws IOException {
    try (Pauses pauses = new Pauses()) {
      long allocated = allocated();
      long cpu = cpu();
      long broadcasts = 0;
      int times = 0;
      while (times < ROUNDS || broadcasts < LEAST_NANOS) {
        broadcasts += broadcast();
        times++;
      }
      double copies = (double) times * node.size();
      figure("broadcast to all, ms", broadcasts / 1e6 / times);
      figure("CPU a copy, ns", (cpu() - cpu) / copies);
      figure("allocated a copy, B", (allocated() - allocated) / copies);

      long begin = System.nanoTime();
      long pings = node.pings();
      for (int i = 0; i < ROUNDS; i++) {
        node.heartbeat();
      }
      figure("a round of heartbeats, ms", (System.nanoTime() - begin) / 1e6 / ROUNDS);
      if (node.pings() - pings != (long) ROUNDS * node.size()) {
        throw new IllegalStateException("not every session was pinged");
      }

      begin = System.nanoTime();
      node.replace(node.size() / 10);
      figure("one leaves and one comes, µs", (System.nanoTime() - begin) / 1e2 / node.size());

      Pauses.Seen seen = pauses.seen();
      figure("collector: pauses", seen.count());
      figure("collector: longest pause, ms", seen.longest().toNanos() / 1e6);
      figure("collector: pauses together, ms", seen.total().toNanos() / 1e6);
    }
  }

  /** Until the last line was given its copy. */
  @SuppressWarnings(
      "ThreadPriorityCheck") // the lanes have the other core; a sleep would be measured
  private long broadcast() {
    long expected = node.writes() + node.size();
    long begin = System.nanoTime();
    node.push(PAYLOAD);
    while (node.writes() < expected) {
      Thread.yield();
      if (System.nanoTime() - begin > 60_000_000_000L) {
        throw new IllegalStateException("a copy was lost");
      }
    }
    return System.nanoTime() - begin;
  }

  private static long liveHeap() {
    System.gc();
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static long cpu() {
    return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
        .getProcessCpuTime();
  }

  private static long allocated() {
    return ManagementFactory.getPlatformMXBean(com.sun.management.ThreadMXBean.class)
        .getTotalThreadAllocatedBytes();
  }

  private static void figure(String name, double value) {
    System.out.println(FIGURE + name + "\t" + value);
  }
}

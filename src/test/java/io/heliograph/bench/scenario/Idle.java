package io.heliograph.bench.scenario;

import io.heliograph.bench.Report;
import io.heliograph.bench.Sizes;
import io.heliograph.bench.load.Swarm;
import io.heliograph.bench.server.Audience;
import io.heliograph.bench.server.Kind;
import io.heliograph.bench.server.LiveHeap;
import io.heliograph.bench.server.Memory;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a browser costs that does nothing but answer heartbeats: live heap after a collection, and
 * resident memory, as the slope between several numbers of browsers, so that what the process costs
 * without any cancels out; and what the kernel holds for its socket. On this project's server each
 * session follows three channels: its own, {@code everyone} and a topic.
 */
public final class Idle implements Scenario {

  private static final int STEPS = 5;

  /** Longer than a round of the heartbeat. */
  private static final Duration SETTLE = Duration.ofSeconds(6);

  /** What was read with so many browsers. */
  private record Reading(int browsers, @Nullable LiveHeap heap, long residentBytes) {
    long heapBytes() {
      return heap == null ? 0 : heap.bytes();
    }
  }

  private final boolean withClasses;
  private final Audience audience;

  /** On a WebSocket. */
  public Idle(boolean withClasses) {
    this(withClasses, Audience.TOPIC);
  }

  /**
   * @param audience of this project's server
   */
  public Idle(boolean withClasses, Audience audience) {
    this.withClasses = withClasses;
    this.audience = audience;
  }

  @Override
  public void run(Kind kind, Sizes sizes, Report report) throws IOException {
    try (Trial trial = new Trial(kind, Memory.SMALL, report)) {
      Swarm swarm = trial.swarm(kind == Kind.HELIOGRAPH ? audience : Audience.EACH);
      // Grown and thrown away once, so that classes, buffers and code are there before anything is
      // measured.
      swarm.growTo(sizes.browsers() / STEPS, Sizes.LIMIT);
      swarm.cutAll();
      trial.loop().run(Duration.ofSeconds(2));
      KernelMemory before = KernelMemory.now();
      List<Reading> readings = new ArrayList<>();
      System.out.println(
          "  sessions   live heap KB   resident KB   heap/session B   resident/session B");
      for (int step = 1; step <= STEPS; step++) {
        swarm.growTo(sizes.browsers() / STEPS * step, Sizes.LIMIT);
        trial.loop().run(SETTLE);
        readings.add(read(trial, swarm.ready()));
        print(readings.getFirst(), readings.getLast());
      }
      KernelMemory sockets = KernelMemory.now().since(before);
      trial.noteTrouble("idle", swarm.losses());

      Reading first = readings.getFirst();
      Reading last = readings.getLast();
      trial.lowerIsBetter(
          "idle: resident memory a session, B",
          slope(first.residentBytes(), last.residentBytes(), first, last));
      if (trial.target().process().isJava()) {
        trial.lowerIsBetter(
            "idle: live heap a session, B",
            slope(first.heapBytes(), last.heapBytes(), first, last));
      }
      // Both ends of each connection are on this machine.
      trial.explains(
          "idle: kernel memory a socket, B", (double) sockets.bytes() / last.browsers() / 2);
      if (withClasses) {
        printClasses(first, last);
      }
    }
  }

  private static Reading read(Trial trial, int browsers) throws IOException {
    var process = trial.target().process();
    LiveHeap heap = process.isJava() ? trial.loop().during(process::liveHeap) : null;
    return new Reading(browsers, heap, process.residentBytes());
  }

  private static double slope(long from, long to, Reading first, Reading last) {
    return (double) (to - from) / Math.max(1, last.browsers() - first.browsers());
  }

  private static void print(Reading first, Reading last) {
    System.out.printf(
        "%10d %14d %13d %16.0f %20.0f%n",
        last.browsers(),
        last.heapBytes() / 1024,
        last.residentBytes() / 1024,
        slope(first.heapBytes(), last.heapBytes(), first, last),
        slope(first.residentBytes(), last.residentBytes(), first, last));
  }

  /** The classes that a session's heap consists of, but for those below 2 %. */
  private static void printClasses(Reading first, Reading last) {
    LiveHeap before = first.heap();
    LiveHeap after = last.heap();
    if (before == null || after == null) {
      return;
    }
    double session = slope(before.bytes(), after.bytes(), first, last);
    System.out.println("  bytes a session   share   class");
    after.bytesByClass().entrySet().stream()
        .map(
            each ->
                Map.entry(
                    each.getKey(),
                    slope(
                        before.bytesByClass().getOrDefault(each.getKey(), 0L),
                        each.getValue(),
                        first,
                        last)))
        .filter(each -> each.getValue() >= session / 50)
        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
        .forEach(
            each ->
                System.out.printf(
                    "%17.0f %6.1f%%   %s%n",
                    each.getValue(), 100 * each.getValue() / session, each.getKey()));
  }
}

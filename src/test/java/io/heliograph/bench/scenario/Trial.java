package io.heliograph.bench.scenario;

import io.heliograph.bench.Report;
import io.heliograph.bench.Sizes;
import io.heliograph.bench.load.Backends;
import io.heliograph.bench.load.Loop;
import io.heliograph.bench.load.Stamp;
import io.heliograph.bench.load.Swarm;
import io.heliograph.bench.server.Audience;
import io.heliograph.bench.server.Kind;
import io.heliograph.bench.server.Memory;
import io.heliograph.bench.server.Target;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** One server under one load, from start to end. */
final class Trial implements AutoCloseable {

  /** Few enough that no server's queue of new connections runs over. */
  private static final int HANDSHAKES_AT_ONCE = 64;

  private static final int WARM_PARTS = 4;
  private static final int MOST_WARM_PARTS = 4 * WARM_PARTS;

  /** A part that costs less than this much of the best before it got faster. */
  private static final double FASTER = 0.97;

  /**
   * Loads the server for about that time, and answers how many messages were read, or handshakes
   * made.
   */
  @FunctionalInterface
  interface Load {
    long run(Duration time) throws IOException;
  }

  private final Kind kind;
  private final Report report;
  private final Target target;
  private final Loop loop;

  Trial(Kind kind, Memory memory, Report report) throws IOException {
    this.kind = kind;
    this.report = report;
    this.target = kind.start(memory);
    this.loop = new Loop();
  }

  Target target() {
    return target;
  }

  Loop loop() {
    return loop;
  }

  /** Browsers that come in one after the other. */
  Swarm swarm(Audience audience) {
    return swarm(loop, audience);
  }

  /** The same, served by whoever runs that loop. */
  Swarm swarm(Loop servedBy, Audience audience) {
    return new Swarm(servedBy, target.address(), index -> target.greeting(audience, index))
        .atOnce(HANDSHAKES_AT_ONCE);
  }

  Backends backends(int connections) {
    return new Backends(loop, target.address(), connections);
  }

  byte[] push(Audience audience, int index, long dueNanos, Sizes sizes) {
    return target.push(audience, index, Stamp.payload(dueNanos, sizes.payload()));
  }

  /**
   * Loads the server until that makes it no faster. Its compiler works on the same core, half a
   * minute on a fast machine and far longer on a slow one. A single part may have met a collection,
   * so two have to agree.
   */
  void warm(Sizes sizes, Load load) throws IOException {
    Duration part = Duration.ofSeconds(sizes.warmSeconds()).dividedBy(WARM_PARTS);
    double best = Double.MAX_VALUE;
    int noFaster = 0;
    for (int parts = 1; parts <= WARM_PARTS || noFaster < 2; parts++) {
      if (parts > MOST_WARM_PARTS) {
        note("still got faster when it was measured");
        return;
      }
      long cpu = cpuNanos();
      long done = load.run(part);
      double cost = (double) (cpuNanos() - cpu) / done;
      noFaster = cost < best * FASTER ? 0 : noFaster + 1;
      best = Math.min(best, cost);
    }
  }

  /** The same, with browsers that come and go; none is left. */
  void warmByHandshakes(Sizes sizes, Swarm swarm, int browsers) throws IOException {
    warm(
        sizes,
        time -> {
          long until = System.nanoTime() + time.toNanos();
          long handshakes = 0;
          while (System.nanoTime() - until < 0) {
            swarm.growTo(browsers, Sizes.LIMIT);
            swarm.cutAll();
            handshakes += browsers;
          }
          return handshakes;
        });
  }

  long cpuNanos() throws IOException {
    return target.process().cpuNanos();
  }

  // Reporting -------------------------------------------------------------------------------------

  void higherIsBetter(String name, double value) {
    report.add(kind, name, Report.Better.HIGHER, value);
  }

  void lowerIsBetter(String name, double value) {
    report.add(kind, name, Report.Better.LOWER, value);
  }

  void explains(String name, double value) {
    report.add(kind, name, Report.Better.NEITHER, value);
  }

  static double micros(double nanos) {
    return nanos / 1_000;
  }

  static double millis(double nanos) {
    return nanos / 1_000_000;
  }

  static double millis(Histogram nanos, double percentile) {
    return millis(nanos.getValueAtPercentile(percentile));
  }

  /** Says so when lines broke or requests failed, where none should. */
  void noteTrouble(String where, Map<String, Integer> trouble) {
    if (!trouble.isEmpty()) {
      report.note(where + ", " + kind.title() + ": " + trouble);
    }
  }

  void note(String note) {
    report.note(kind.title() + ": " + note);
  }

  @Override
  public void close() throws IOException {
    try {
      loop.close();
    } finally {
      target.close();
    }
  }
}

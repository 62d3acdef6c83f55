package io.heliograph.bench.scenario;

import static io.heliograph.bench.scenario.Trial.micros;
import static io.heliograph.bench.scenario.Trial.millis;

import io.heliograph.bench.Report;
import io.heliograph.bench.Sizes;
import io.heliograph.bench.load.Backends;
import io.heliograph.bench.load.Swarm;
import io.heliograph.bench.server.Audience;
import io.heliograph.bench.server.Kind;
import io.heliograph.bench.server.Memory;
import java.io.IOException;
import java.time.Duration;
import org.HdrHistogram.Histogram;

/** One message to all browsers of a topic: alone, and with several messages under way. */
public final class FanOut implements Scenario {

  @Override
  public void run(Kind kind, Sizes sizes, Report report) throws IOException {
    try (Trial trial = new Trial(kind, Memory.LARGE, report)) {
      Swarm swarm = trial.swarm(Audience.TOPIC);
      swarm.growTo(sizes.browsers(), Sizes.LIMIT);
      Backends backends = trial.backends(sizes.underWay());
      trial.warm(sizes, time -> warm(trial, swarm, backends, sizes, time));
      measure(trial, swarm, backends, sizes, 1);
      measure(trial, swarm, backends, sizes, sizes.underWay());
      trial.noteTrouble("fan-out", swarm.losses());
      trial.noteTrouble("fan-out, pushes", backends.failures());
    }
  }

  private static long warm(Trial trial, Swarm swarm, Backends backends, Sizes sizes, Duration time)
      throws IOException {
    long until = System.nanoTime() + time.toNanos();
    swarm.resetCounts();
    while (System.nanoTime() - until < 0) {
      burst(trial, swarm, backends, sizes, 1);
      burst(trial, swarm, backends, sizes, sizes.underWay());
    }
    return swarm.messages();
  }

  private static void measure(
      Trial trial, Swarm swarm, Backends backends, Sizes sizes, int underWay) throws IOException {
    int bursts = Math.max(5, sizes.rounds() / underWay);
    Histogram lastCopies = new Histogram(3);
    swarm.resetCounts();
    long cpu = trial.cpuNanos();
    long nanos = 0;
    for (int i = 0; i < bursts; i++) {
      long last = burst(trial, swarm, backends, sizes, underWay);
      lastCopies.recordValue(last);
      nanos += last;
    }
    cpu = trial.cpuNanos() - cpu;
    double copies = swarm.messages();
    String what = underWay == 1 ? "fan-out: " : "fan-out, " + underWay + " under way: ";
    trial.higherIsBetter(what + "copies a second", copies / nanos * 1e9);
    trial.lowerIsBetter(what + "server CPU a copy, µs", micros(cpu) / copies);
    trial.lowerIsBetter(what + "last copy p50, ms", millis(lastCopies, 50));
    trial.lowerIsBetter(what + "last copy p99, ms", millis(lastCopies, 99));
    trial.explains(what + "frames a read of the browser", copies / swarm.reads());
  }

  /** Answers how long it took until the last copy was read. */
  private static long burst(Trial trial, Swarm swarm, Backends backends, Sizes sizes, int underWay)
      throws IOException {
    long expected = swarm.messages() + (long) underWay * swarm.size();
    long begin = System.nanoTime();
    for (int i = 0; i < underWay; i++) {
      backends.send(trial.push(Audience.TOPIC, 0, begin, sizes));
    }
    trial
        .loop()
        .await("all copies are read", () -> swarm.messages() >= expected, Sizes.LIMIT, swarm);
    long nanos = System.nanoTime() - begin;
    trial.loop().await("all pushes are answered", backends::allAnswered, Sizes.LIMIT);
    return nanos;
  }
}

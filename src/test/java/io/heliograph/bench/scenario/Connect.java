package io.heliograph.bench.scenario;

import static io.heliograph.bench.scenario.Trial.micros;
import static io.heliograph.bench.scenario.Trial.millis;

import io.heliograph.bench.Report;
import io.heliograph.bench.Sizes;
import io.heliograph.bench.load.Swarm;
import io.heliograph.bench.server.Audience;
import io.heliograph.bench.server.Kind;
import io.heliograph.bench.server.Memory;
import java.io.IOException;
import java.time.Duration;

/** What a handshake costs the server when it is warm, and how many it does in a second. */
public final class Connect implements Scenario {

  @Override
  public void run(Kind kind, Sizes sizes, Report report) throws IOException {
    try (Trial trial = new Trial(kind, Memory.LARGE, report)) {
      Swarm swarm = trial.swarm(Audience.NOBODY);
      trial.warmByHandshakes(sizes, swarm, sizes.browsers());
      trial.loop().run(Duration.ofSeconds(2));
      swarm.resetCounts();
      long cpu = trial.cpuNanos();
      long begin = System.nanoTime();
      swarm.growTo(sizes.browsers(), Sizes.LIMIT);
      double seconds = (System.nanoTime() - begin) / 1e9;
      cpu = trial.cpuNanos() - cpu;
      trial.lowerIsBetter("connect: server CPU a handshake, µs", micros(cpu) / sizes.browsers());
      trial.higherIsBetter("connect: handshakes a second", sizes.browsers() / seconds);
      trial.lowerIsBetter("connect: p99, ms (64 at a time)", millis(swarm.handshakes(), 99));
      trial.noteTrouble("connect", swarm.losses());
    }
  }
}

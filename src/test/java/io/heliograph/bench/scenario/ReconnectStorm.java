package io.heliograph.bench.scenario;

import static io.heliograph.bench.scenario.Trial.micros;
import static io.heliograph.bench.scenario.Trial.millis;

import io.heliograph.bench.Report;
import io.heliograph.bench.Sizes;
import io.heliograph.bench.load.Backends;
import io.heliograph.bench.load.Loop;
import io.heliograph.bench.load.Swarm;
import io.heliograph.bench.server.Audience;
import io.heliograph.bench.server.Kind;
import io.heliograph.bench.server.Memory;
import java.io.IOException;
import java.time.Duration;

/**
 * Nine of ten connections are cut at once and come back: all at once, and spread at random. How
 * long until all are there, whether the server sheds with 503 and a Retry-After (which the browsers
 * heed) or takes them all, and what the tenth that stayed notices: it gets messages all the while.
 */
public final class ReconnectStorm implements Scenario {

  private static final int PUSHES_PER_SECOND = 20;
  private static final Duration CALM = Duration.ofSeconds(5);
  private static final Duration SPREAD = Duration.ofSeconds(5);

  @Override
  public void run(Kind kind, Sizes sizes, Report report) throws IOException {
    // The clients has a thread of its own: what those who stay notice is the server's doing, and
    // not
    // that of a load which is busy with thousands of connections before it reads again.
    try (Trial trial = new Trial(kind, Memory.LARGE, report);
        Loop apart = new Loop()) {
      Swarm staying = trial.swarm(Audience.TOPIC);
      staying.growTo(sizes.browsers() / 10, Sizes.LIMIT);
      Swarm clients = trial.swarm(apart, Audience.NOBODY);
      int most = sizes.browsers() * 9 / 10;
      Backends backends = trial.backends(4);
      Loop.Pace pushing = pushing(trial, backends, sizes);
      // Both, as wherever there are both: a server that is warm for one of them alone begins anew
      // when the other comes.
      trial
          .loop()
          .during(
              () -> {
                trial.warmByHandshakes(sizes, clients, most);
                clients.growTo(most, Sizes.LIMIT);
                return clients.atOnce(Integer.MAX_VALUE);
              },
              pushing);
      trial.loop().run(CALM, pushing);
      staying.resetCounts();
      trial.loop().run(CALM, pushing);
      trial.explains("storm: p99 of those who stay, before, ms", millis(staying.deliveries(), 99));
      trial.noteTrouble("storm, before", staying.losses());
      var crowded = new ClientGroup(clients, apart);
      storm(trial, "storm, all at once: ", Duration.ZERO, crowded, staying, pushing);
      trial.loop().run(CALM, pushing);
      storm(trial, "storm, within 5 s: ", SPREAD, crowded, staying, pushing);
      trial.noteTrouble("storm, pushes", backends.failures());
    }
  }

  private record ClientGroup(Swarm swarm, Loop loop) {

    /** Answers how many nanoseconds passed until all were back. */
    long cutAndComeBack(Duration spread) throws IOException {
      long begin = System.nanoTime();
      swarm.cutAndComeBack(spread);
      if (!loop.wait(swarm::allThere, Sizes.LIMIT, swarm)) {
        throw new IOException("not all came back");
      }
      return System.nanoTime() - begin;
    }
  }

  private static void storm(
      Trial trial,
      String what,
      Duration spread,
      ClientGroup crowded,
      Swarm staying,
      Loop.Pace pushing)
      throws IOException {
    Swarm clients = crowded.swarm();
    staying.resetCounts();
    clients.resetCounts();
    long cpu = trial.cpuNanos();
    long nanos = trial.loop().during(() -> crowded.cutAndComeBack(spread), pushing);
    cpu = trial.cpuNanos() - cpu;
    trial.lowerIsBetter(what + "until all are back, s", nanos / 1e9);
    trial.explains(what + "server CPU a handshake, µs", micros(cpu) / clients.size());
    trial.lowerIsBetter(what + "p50 of those who stay, ms", millis(staying.deliveries(), 50));
    trial.lowerIsBetter(what + "p99 of those who stay, ms", millis(staying.deliveries(), 99));
    trial.explains(what + "those who stay, lost", staying.broken());
    trial.explains(what + "shed with 503 and Retry-After", clients.retryAfters());
    trial.explains(what + "other refusals", clients.refused() - clients.retryAfters());
    trial.explains(what + "lines that broke on the way", clients.broken());
    trial.noteTrouble(what, clients.losses());
  }

  private static Loop.Pace pushing(Trial trial, Backends backends, Sizes sizes) {
    long interval = 1_000_000_000L / PUSHES_PER_SECOND;
    long[] due = {0};
    return now -> {
      if (due[0] == 0 || now - due[0] > 1_000_000_000L * 30) {
        due[0] = now;
      }
      while (due[0] - now <= 0) {
        backends.send(trial.push(Audience.TOPIC, 0, due[0], sizes));
        due[0] += interval;
      }
      return due[0];
    };
  }
}

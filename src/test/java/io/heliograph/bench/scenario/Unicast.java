package io.heliograph.bench.scenario;

import static io.heliograph.bench.scenario.Trial.micros;
import static io.heliograph.bench.scenario.Trial.millis;

import io.heliograph.bench.Report;
import io.heliograph.bench.Sizes;
import io.heliograph.bench.load.Backends;
import io.heliograph.bench.load.Loop;
import io.heliograph.bench.load.Stamp;
import io.heliograph.bench.load.Swarm;
import io.heliograph.bench.server.Audience;
import io.heliograph.bench.server.Kind;
import io.heliograph.bench.server.Memory;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;

/**
 * A REST push to one of many browsers over keep-alive connections: how late at a stated rate, and
 * how many at most; one by one, and many in one request where the server has that. Lateness counts
 * from when the push was due, whatever held it up, until the browser has read it.
 */
public final class Unicast implements Scenario {

  private static final int CONNECTIONS = 32;
  private static final int BULK_CONNECTIONS = 4;
  private static final int BULK = 500;

  /** What is pushed next, and to how many browsers it goes. */
  private interface Pushes {
    int send(Backends backends, long dueNanos) throws IOException;
  }

  @Override
  public void run(Kind kind, Sizes sizes, Report report) throws IOException {
    try (Trial trial = new Trial(kind, Memory.LARGE, report)) {
      Swarm swarm = trial.swarm(Audience.EACH);
      swarm.growTo(sizes.browsers(), Sizes.LIMIT);
      Pushes single =
          (backends, due) -> {
            backends.send(trial.push(Audience.EACH, someone(sizes), due, sizes));
            return 1;
          };
      Backends backends = trial.backends(CONNECTIONS);
      warm(trial, swarm, backends, single, sizes);
      atRate(trial, swarm, backends, single, sizes);
      report(trial, "unicast", swarm, backends, single, sizes);

      if (trial.target().bulk(List.of(0), "1") != null) {
        Backends few = trial.backends(BULK_CONNECTIONS);
        Pushes bulk = (to, due) -> sendBulk(trial, to, due, sizes);
        warm(trial, swarm, few, bulk, sizes);
        report(trial, "unicast, NDJSON", swarm, few, bulk, sizes);
      }
      trial.noteTrouble("unicast", swarm.losses());
    }
  }

  private static int someone(Sizes sizes) {
    return ThreadLocalRandom.current().nextInt(sizes.browsers());
  }

  private static int sendBulk(Trial trial, Backends backends, long due, Sizes sizes)
      throws IOException {
    List<Integer> indexes = IntStream.range(0, BULK).map(_ -> someone(sizes)).boxed().toList();
    byte[] request = trial.target().bulk(indexes, Stamp.payload(due, sizes.payload()));
    if (request != null) {
      backends.send(request);
    }
    return BULK;
  }

  private static void warm(Trial trial, Swarm swarm, Backends backends, Pushes pushes, Sizes sizes)
      throws IOException {
    trial.warm(
        sizes,
        time -> {
          atMost(trial, swarm, backends, pushes, time);
          return swarm.messages();
        });
  }

  private static void atRate(
      Trial trial, Swarm swarm, Backends backends, Pushes pushes, Sizes sizes) throws IOException {
    reset(swarm, backends);
    long[] sent = {0};
    long interval = 1_000_000_000L / sizes.pushesPerSecond();
    long begin = System.nanoTime();
    Loop.Pace pace =
        now -> {
          long due = begin + sent[0] * interval;
          while (due - now <= 0) {
            sent[0] += pushes.send(backends, due);
            due = begin + sent[0] * interval;
          }
          return due;
        };
    long cpu = trial.cpuNanos();
    trial.loop().run(Duration.ofSeconds(sizes.seconds()), pace);
    long late = System.nanoTime();
    awaitAll(trial, swarm, backends, sent[0]);
    if (System.nanoTime() - late > 1_000_000_000L) {
      trial.note("did not keep up with " + sizes.pushesPerSecond() + " pushes a second");
    }
    cpu = trial.cpuNanos() - cpu;
    String what = "unicast at " + sizes.pushesPerSecond() + "/s: ";
    trial.lowerIsBetter(what + "p50, ms", millis(swarm.deliveries(), 50));
    trial.lowerIsBetter(what + "p99, ms", millis(swarm.deliveries(), 99));
    trial.lowerIsBetter(what + "p99.9, ms", millis(swarm.deliveries(), 99.9));
    trial.lowerIsBetter(what + "server CPU a push, µs", micros(cpu) / sent[0]);
    trial.noteTrouble("unicast, pushes", backends.failures());
  }

  private static void report(
      Trial trial, String what, Swarm swarm, Backends backends, Pushes pushes, Sizes sizes)
      throws IOException {
    long cpu = trial.cpuNanos();
    double perSecond = atMost(trial, swarm, backends, pushes, Duration.ofSeconds(sizes.seconds()));
    cpu = trial.cpuNanos() - cpu;
    trial.higherIsBetter(what + " at most: pushes a second", perSecond);
    trial.lowerIsBetter(what + " at most: p99, ms", millis(swarm.deliveries(), 99));
    trial.lowerIsBetter(what + " at most: server CPU a push, µs", micros(cpu) / swarm.messages());
    trial.noteTrouble(what + ", pushes", backends.failures());
  }

  /** Each connection pushes again as soon as it was answered; answers how many were read. */
  private static double atMost(
      Trial trial, Swarm swarm, Backends backends, Pushes pushes, Duration time)
      throws IOException {
    reset(swarm, backends);
    long[] sent = {0};
    long begin = System.nanoTime();
    trial
        .loop()
        .run(
            time,
            now -> {
              while (backends.isFree()) {
                sent[0] += pushes.send(backends, System.nanoTime());
              }
              return Long.MAX_VALUE;
            });
    awaitAll(trial, swarm, backends, sent[0]);
    return sent[0] / ((System.nanoTime() - begin) / 1e9);
  }

  private static void awaitAll(Trial trial, Swarm swarm, Backends backends, long sent)
      throws IOException {
    trial
        .loop()
        .await(
            "all pushes are read",
            () -> swarm.messages() >= sent && backends.allAnswered(),
            Sizes.LIMIT);
  }

  private static void reset(Swarm swarm, Backends backends) {
    swarm.resetCounts();
    backends.resetCounts();
  }
}

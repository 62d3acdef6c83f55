package io.heliograph.bench.scenario;

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

/**
 * Five in a hundred browsers stop reading: what that does to the others, and to the server's
 * memory. Messages are large and come quickly, so that the kernel's buffers, which take megabytes
 * for each socket, are full well before the end.
 */
public final class SlowReaders implements Scenario {

  private static final int ONE_IN = 20;
  private static final int RECEIVE_BUFFER = 4096;
  private static final int PAYLOAD = 32 * 1024;
  private static final int PUSHES_PER_SECOND = 25;

  /** Copying so many bytes is most of the cost, so fewer browsers are as much load. */
  private static final int FEWER = 20;

  @Override
  public void run(Kind kind, Sizes sizes, Report report) throws IOException {
    if (kind == Kind.FLOOR) {
      // It throws away what a socket does not take, so it cannot be slowed down.
      return;
    }
    int browsers = Math.max(100, sizes.browsers() / FEWER);
    Duration time = Duration.ofSeconds(sizes.slowSeconds());
    try (Trial trial = new Trial(kind, Memory.LARGE, report)) {
      Swarm swarm = trial.swarm(Audience.TOPIC).slowOne(ONE_IN, RECEIVE_BUFFER);
      swarm.growTo(browsers, Sizes.LIMIT);
      Backends backends = trial.backends(4);
      trial.warm(
          sizes,
          part -> {
            push(trial, swarm, backends, part);
            return swarm.messages();
          });
      push(trial, swarm, backends, time);
      double calm = millis(swarm.deliveries(), 99);
      long memory = memory(trial);
      KernelMemory kernel = KernelMemory.now();
      trial.noteTrouble("slow readers, before", swarm.losses());

      swarm.slowOnesStopReading();
      push(trial, swarm, backends, time);
      double disturbed = millis(swarm.deliveries(), 99);
      trial.lowerIsBetter("slow readers: p99 without any, ms", calm);
      trial.lowerIsBetter("slow readers: p99 of the others, ms", disturbed);
      trial.lowerIsBetter("slow readers: the others' p99, times", disturbed / calm);
      trial.explains("slow readers: server's memory grew by, MB", (memory(trial) - memory) / 1e6);
      trial.explains(
          "slow readers: kernel's memory grew by, MB",
          KernelMemory.now().since(kernel).queuedBytes() / 1e6);
      int others = swarm.broken();
      swarm.slowOnesReadOn();
      trial.loop().run(Duration.ofSeconds(3));
      int slowOnes = (browsers + ONE_IN - 1) / ONE_IN;
      trial.explains("slow readers: of so many", slowOnes);
      trial.explains("slow readers: closed by the server", swarm.broken() - others);
      trial.explains("slow readers: others that were lost", others);
      trial.noteTrouble("slow readers, pushes", backends.failures());
    }
  }

  /** Live heap of a Java server, for what it has touched says little; resident memory of others. */
  private static long memory(Trial trial) throws IOException {
    var process = trial.target().process();
    return process.isJava()
        ? trial.loop().during(process::liveHeap).bytes()
        : process.residentBytes();
  }

  private static void push(Trial trial, Swarm swarm, Backends backends, Duration time)
      throws IOException {
    swarm.resetCounts();
    long interval = 1_000_000_000L / PUSHES_PER_SECOND;
    long[] due = {System.nanoTime()};
    Loop.Pace pace =
        now -> {
          while (due[0] - now <= 0) {
            backends.send(trial.target().push(Audience.TOPIC, 0, Stamp.payload(due[0], PAYLOAD)));
            due[0] += interval;
          }
          return due[0];
        };
    trial.loop().run(time, pace);
    trial.loop().wait(backends::allAnswered, Sizes.LIMIT);
  }
}

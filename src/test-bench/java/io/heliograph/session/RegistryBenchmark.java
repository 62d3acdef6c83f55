package io.heliograph.session;

import io.heliograph.message.Channel;
import io.heliograph.message.Ids;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Once a session: joining and leaving a channel, of its own and of many. Once a message: looking
 * up.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RegistryBenchmark {

  private static final Channel TOPIC = new Channel.Topic("news");

  /** How many follow the topic already. */
  @Param({"0", "10000"})
  public int followers;

  private final SessionRegistry registry = new SessionRegistry();
  private final SessionContext environment =
      new SessionContext(new SilentListener(), 1 << 20, System::nanoTime);
  private final Subscription newcomer = subscription();

  @Setup
  public void others() {
    for (int i = 0; i < followers; i++) {
      join(subscription());
    }
  }

  private Subscription subscription() {
    var session =
        new Session(
            new Channel.OneSession(Ids.random128()),
            new NullTransport(),
            environment,
            Identity.ANONYMOUS,
            Instant.now(),
            Long.MAX_VALUE / 2);
    Subscription subscription = session.subscribe(TOPIC);
    if (subscription == null) {
      throw new IllegalStateException("it follows already");
    }
    return subscription;
  }

  private Object join(Subscription subscription) {
    return registry.join(subscription, _ -> CompletableFuture.completedFuture(null));
  }

  @Benchmark
  public boolean joinAndLeave() {
    join(newcomer);
    return registry.leave(newcomer, _ -> {});
  }

  @Benchmark
  public Object lookUpFollowers() {
    return registry.subscribers(TOPIC);
  }
}

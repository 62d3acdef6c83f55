package io.heliograph.session;

import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.History;
import io.heliograph.message.Ids;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Once a copy: the cursor's answer, and all of a session's work up to its line and back. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DeliveryBenchmark {

  private static final Channel.Topic TOPIC = new Channel.Topic("news");
  private static final Position START = new Position("abcdefgh", 0);

  private final SessionContext environment =
      new SessionContext(new SilentListener(), 1 << 20, System::nanoTime);
  private final Session session =
      new Session(
          new Channel.OneSession(Ids.random128()),
          new NullTransport(),
          environment,
          Identity.ANONYMOUS,
          Instant.now(),
          Long.MAX_VALUE / 2);
  private final Subscription subscription = live(session);
  private final Draft draft =
      Draft.of("order.shipped", "\"" + "x".repeat(126) + "\"", Instant.now());
  private final Message first = draft.at(TOPIC, START);

  private static Subscription live(Session session) {
    Subscription subscription = session.subscribe(TOPIC);
    if (subscription == null) {
      throw new IllegalStateException("it follows already");
    }
    subscription.caughtUpTo(START, new History(List.of(), START, START, true));
    return subscription;
  }

  /** What a message and its frame cost, to be taken off the next one. */
  @Benchmark
  public Object makeMessage() {
    Message message = next();
    return new EncodedFrame(new ServerEvent.Delivery(message));
  }

  @Benchmark
  public void deliver() {
    Message message = next();
    session.deliver(subscription, List.of(new EncodedMessage(message)));
  }

  @Benchmark
  public Object offerOneThatWasSeen() {
    return subscription.offer(first);
  }

  private Message next() {
    Position at = subscription.cursor();
    return draft.at(TOPIC, at == null ? START : at.at(at.offset() + 1));
  }
}

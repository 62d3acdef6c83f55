package io.heliograph.protocol.v1;

import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.Position;
import io.heliograph.session.Payload;
import io.heliograph.session.ServerEvent;
import java.time.Instant;
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

/** The encoding of a message, done once for all sessions of the protocol. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class EncodingBenchmark {

  private final JsonCodec codec = new JsonCodec();
  private final ServerEvent message =
      new ServerEvent.Delivery(
          Draft.of("order.shipped", "{\"text\":\"" + "x".repeat(117) + "\"}", Instant.now())
              .at(new Channel.User("alice"), new Position("abcdefgh", 42)));

  @Benchmark
  public Payload encodeMessage() {
    return codec.encode(message);
  }
}

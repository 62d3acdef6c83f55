package io.heliograph.protocol.v1;

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

/** The parsing of a client's frames. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RequestParsingBenchmark {

  private static final String ACK =
      "{\"type\":\"ack\",\"channel\":\"user:alice\",\"position\":\"abcdefgh:42\"}";
  private static final String SUBSCRIBE =
      "{\"type\":\"subscribe\",\"id\":7,\"channel\":\"topic:news\",\"since\":\"abcdefgh:42\"}";

  @Benchmark
  public Object parseAck() throws JsonRequests.Invalid, JsonRequests.Malformed {
    return JsonRequests.parse(ACK);
  }

  @Benchmark
  public Object parseSubscribe() throws JsonRequests.Invalid, JsonRequests.Malformed {
    return JsonRequests.parse(SUBSCRIBE);
  }
}

package io.heliograph.transport.websocket;

import io.heliograph.session.CloseReason;
import io.heliograph.session.DuplexTransport;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
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

/** The assembly of a text message from the payload of a frame. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TextAssemblyBenchmark {

  private final byte[] payload =
      "{\"type\":\"subscribe\",\"id\":7,\"channel\":\"topic:news\"}"
          .getBytes(StandardCharsets.UTF_8);
  private final LastText last = new LastText();

  private static final class LastText implements WebSocketListener {
    private String text = "";

    @Override
    public void onOpen(DuplexTransport socket) {}

    @Override
    public void onText(String newText) {
      text = newText;
    }

    @Override
    public void onClosed(CloseReason reason, int code) {}
  }

  @Benchmark
  public String assembleText() throws CharacterCodingException {
    var assembly = new TextAssembly(payload.length);
    assembly.append(ByteBuffer.wrap(payload), true);
    assembly.deliver(last);
    return last.text;
  }
}

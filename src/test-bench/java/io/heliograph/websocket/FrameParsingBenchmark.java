package io.heliograph.websocket;

import io.heliograph.protocol.v1.ClientRequest;
import io.heliograph.session.CloseReason;
import io.heliograph.transport.websocket.TextAssembly;
import io.heliograph.transport.websocket.WebSocketListener;
import io.heliograph.transport.websocket.WebSocketTransport;
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

/** Once a request of a browser: from the payload of a frame to what it asks for. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FrameParsingBenchmark {

  private static final String ACK =
      "{\"type\":\"ack\",\"channel\":\"user:alice\",\"position\":\"abcdefgh:42\"}";
  private static final String SUBSCRIBE =
      "{\"type\":\"subscribe\",\"id\":7,\"channel\":\"topic:news\",\"since\":\"abcdefgh:42\"}";

  private final byte[] payload = SUBSCRIBE.getBytes(StandardCharsets.UTF_8);
  private final Last last = new Last();

  private static final class Last implements WebSocketListener {
    private String text = "";

    @Override
    public void onOpen(WebSocketTransport socket) {}

    @Override
    public void onText(String newText) {
      text = newText;
    }

    @Override
    public void onClosed(CloseReason reason, int code) {}
  }

  @Benchmark
  public Object parseAck() throws ClientRequest.Invalid, ClientRequest.Malformed {
    return ClientRequest.parse(ACK);
  }

  @Benchmark
  public Object parseSubscribe() throws ClientRequest.Invalid, ClientRequest.Malformed {
    return ClientRequest.parse(SUBSCRIBE);
  }

  @Benchmark
  public String assembleText() throws CharacterCodingException {
    var assembly = new TextAssembly(payload.length);
    assembly.append(ByteBuffer.wrap(payload), true);
    assembly.deliver(last);
    return last.text;
  }
}

package io.heliograph.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bucket4j.TimeMeter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.http.server.ServletServerHttpResponse;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.web.socket.handler.AbstractWebSocketHandler;

/** The risk: a node is lost, and its crowd takes the others' time from those who are there. */
@ExtendWith(OutputCaptureExtension.class)
class HandshakeRateTests {

  private static final int PER_SECOND = 100;
  private static final int AT_ONCE = PER_SECOND / 4;

  private final AtomicLong nanos = new AtomicLong();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final HandshakeRate rate = rate(PER_SECOND);

  private HandshakeRate rate(int perSecond) {
    TimeMeter time =
        new TimeMeter() {
          @Override
          public long currentTimeNanos() {
            return nanos.get();
          }

          @Override
          public boolean isWallClockBased() {
            return false;
          }
        };
    return new HandshakeRate(new Handshakes(meters), perSecond, time);
  }

  /** Null when it may come in. */
  private @Nullable MockHttpServletResponse refusal(HandshakeRate asked) {
    var answer = new MockHttpServletResponse();
    var response = new ServletServerHttpResponse(answer);
    try {
      boolean comesIn =
          asked.beforeHandshake(
              new ServletServerHttpRequest(new MockHttpServletRequest("GET", "/ws")),
              response,
              new AbstractWebSocketHandler() {},
              Map.of());
      response.close();
      return comesIn ? null : answer;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private int comeIn(HandshakeRate asked, int browsers) {
    return (int) IntStream.range(0, browsers).filter(_ -> refusal(asked) == null).count();
  }

  private double shed() {
    return meters.counter("heliograph.handshakes", "outcome", "shed").count();
  }

  @Test
  void aQuarterOfASecondsShareComesInAtOnceAndTheRestAsTimePasses() {
    assertThat(comeIn(rate, 10 * AT_ONCE)).isEqualTo(AT_ONCE);
    assertThat(shed()).isEqualTo(9 * AT_ONCE);
    nanos.addAndGet(Duration.ofMillis(100).toNanos());
    assertThat(comeIn(rate, 10 * AT_ONCE)).isEqualTo(PER_SECOND / 10);
    nanos.addAndGet(Duration.ofHours(1).toNanos());
    assertThat(comeIn(rate, 10 * AT_ONCE)).isEqualTo(AT_ONCE);
  }

  @Test
  void whoIsSentAwayComesAgainAtATimeOfItsOwn() throws IOException {
    comeIn(rate, AT_ONCE);
    Set<String> times = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      MockHttpServletResponse refusal = Objects.requireNonNull(refusal(rate), "it came in");
      assertThat(refusal.getStatus()).isEqualTo(503);
      assertThat(refusal.getContentType()).isEqualTo("application/problem+json");
      assertThat(refusal.getContentAsString()).contains("too many browsers come at once");
      times.add(refusal.getHeader("Retry-After"));
    }
    assertThat(times).containsExactlyInAnyOrder("1", "2", "3", "4", "5");
  }

  @Test
  void aStormIsOneLineAndNotThousands(CapturedOutput output) {
    comeIn(rate, 1000);
    assertThat(output.getOut().lines().filter(line -> line.contains("Handshake"))).hasSize(1);
    nanos.addAndGet(Duration.ofSeconds(10).toNanos());
    comeIn(rate, 1000);
    assertThat(output.getOut().lines().filter(line -> line.contains("Handshake"))).hasSize(2);
  }

  @Test
  void nothingIsShedWhereThatIsNotWanted() {
    assertThat(comeIn(rate(0), 10_000)).isEqualTo(10_000);
    assertThat(comeIn(rate(1), 10)).isEqualTo(1);
  }
}

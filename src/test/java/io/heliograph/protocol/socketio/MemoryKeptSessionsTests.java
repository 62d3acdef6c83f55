package io.heliograph.protocol.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.message.Channel;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** In the memory of one node. */
class MemoryKeptSessionsTests extends KeptSessionsContract {

  private final AtomicLong nanos = new AtomicLong();
  private final KeptSessions sessions = new MemoryKeptSessions(RECOVERY, nanos::get);

  @Override
  KeptSessions sessions() {
    return sessions;
  }

  @Test
  void whatIsKeptIsLimitedByItsSize() {
    KeptSession small = session("alice");
    KeptSession large =
        new KeptSession(
            "bob",
            SocketIoCodec.START,
            true,
            IntStream.range(0, 64)
                .mapToObj(i -> new Channel.Topic("x".repeat(120) + i))
                .collect(Collectors.toSet()),
            List.of(),
            Map.of(),
            List.of());
    assertThat(large.bytes()).isGreaterThan(64 * 120);
    int fit = 10;
    KeptSessions few = new MemoryKeptSessions(RECOVERY, nanos::get, (long) fit * large.bytes());
    for (int i = 0; i < 100; i++) {
      few.keep("large-" + i, large);
    }
    long kept = IntStream.range(0, 100).filter(i -> few.take("large-" + i).join() != null).count();
    assertThat(kept).isBetween(1L, (long) fit);
    few.keep("small", small);
    assertThat(few.take("small").join()).isEqualTo(small);
  }

  @Override
  void recoveryPasses() {
    nanos.addAndGet(RECOVERY.toNanos() + 1);
  }
}

package io.heliograph.broker.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.message.Channel;
import io.heliograph.message.Ids;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import io.heliograph.message.TraceParent;
import java.time.Instant;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The risk: what is read back from the log is not what was pushed. */
class CompactMessageTests {

  private static final Channel CHANNEL = new Channel.User("alice");
  private static final Instant NOW = Instant.parse("2026-11-22T07:40:00.123456789Z");
  private static final TraceParent TRACE =
      new TraceParent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

  static Stream<Message> messages() {
    return Stream.of(
        message(Ids.v7(NOW), "{}", NOW, null, null, null),
        message(Ids.v7(NOW).toUpperCase(java.util.Locale.ROOT), "[1]", NOW, null, "k", null),
        message("1-1-1-1-1", "\"\ud800 alone, \u4f60\u597d\"", NOW, NOW, null, TRACE),
        message("ffffffff-ffff-ffff-ffff-ffffffffffff", "null", NOW, NOW.plusNanos(1), "", null),
        message("zzzzzzzz-ffff-ffff-ffff-ffffffffffff", "1", Instant.EPOCH, null, null, null),
        message("", "0", Instant.EPOCH.minusNanos(1), Instant.EPOCH, null, null));
  }

  private static Message message(
      String id,
      String data,
      Instant time,
      @Nullable Instant expires,
      @Nullable String key,
      @Nullable TraceParent trace) {
    String from = trace == null ? null : "alice";
    return new Message(
        id, CHANNEL, new Position("e", 7), "event", data, time, expires, key, from, trace);
  }

  @ParameterizedTest
  @MethodSource("messages")
  void itIsReadBackAsItWas(Message message) {
    CompactMessage first = new CompactMessage(message, null);
    assertThat(first.message(CHANNEL, "e")).isEqualTo(message);
    assertThat(new CompactMessage(message, first).message(CHANNEL, "e")).isEqualTo(message);
  }

  @Test
  void anEventOfAnotherNameIsNotTakenFromTheOneBefore() {
    Message message = message("a", "1", NOW, null, null, null);
    Message other =
        new Message("b", CHANNEL, new Position("e", 8), "other", "2", NOW, null, null, "bob", null);
    CompactMessage kept = new CompactMessage(other, new CompactMessage(message, null));
    assertThat(kept.message(CHANNEL, "e")).isEqualTo(other);
  }

  @ParameterizedTest
  @MethodSource("messages")
  void itExpiresWhenTheMessageDoes(Message message) {
    CompactMessage kept = new CompactMessage(message, null);
    for (Instant at : new Instant[] {NOW.minusNanos(1), NOW, NOW.plusNanos(1), Instant.MAX}) {
      assertThat(kept.expiredAt(at)).isEqualTo(message.expiredAt(at));
    }
  }

  @Test
  void timesBeyondItsReachKeepTheirOrder() {
    assertThat(CompactMessage.nanos(Instant.MIN)).isLessThan(CompactMessage.nanos(Instant.EPOCH));
    assertThat(CompactMessage.nanos(Instant.MAX))
        .isGreaterThan(CompactMessage.nanos(NOW))
        .isLessThan(Long.MAX_VALUE);
  }
}

package io.heliograph.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import io.heliograph.message.TraceParent;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The risk: during an update, nodes of the two versions cannot read each other's messages. */
class MessageCodecTests {

  private static final Channel ROOM = new Channel.Topic("room");
  private static final Position FIRST = new Position("e", 1);
  private static final Instant NOW = Instant.parse("2026-11-22T07:40:00.123Z");
  private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  @ParameterizedTest
  @CsvSource({",", "alice,", "," + TRACE, "alice," + TRACE, "auth0|a@b=c," + TRACE})
  void itIsReadBackAsItWasWritten(@Nullable String from, @Nullable String trace) {
    Draft draft = draft(from, trace);
    assertThat(MessageCodec.parse(MessageCodec.of(draft), ROOM, FIRST))
        .isEqualTo(draft.at(ROOM, FIRST));
  }

  @ParameterizedTest
  @CsvSource({",", "alice,", "alice," + TRACE})
  void aNodeThatKnowsNoSendersReadsTheRest(@Nullable String from, @Nullable String trace) {
    String[] lines = MessageCodec.of(draft(from, trace)).split("\n", 8);
    assertThat(lines).hasSize(8);
    assertThat(lines[0]).isEqualTo("1");
    // It reads this line by this call, and passes over what is no trace.
    assertThat(TraceParent.of(lines[6])).isNull();
    assertThat(lines[7]).isEqualTo("{\"a\":\"b c\"}");
  }

  @ParameterizedTest
  @CsvSource({",", TRACE})
  void whatSuchANodeWroteIsRead(@Nullable String trace) {
    String text = "1\nid\n0\n\nchat\n\n" + (trace == null ? "" : trace) + "\n{\"a\":\"b c\"}";
    Message message = MessageCodec.parse(text, ROOM, FIRST);
    assertThat(message.from()).isNull();
    assertThat(message.trace()).isEqualTo(TraceParent.of(trace));
    assertThat(message.data()).isEqualTo("{\"a\":\"b c\"}");
  }

  private static Draft draft(@Nullable String from, @Nullable String trace) {
    return new Draft(
        "id",
        "chat",
        "{\"a\":\"b c\"}",
        NOW,
        null,
        null,
        null,
        Duration.ofMinutes(2),
        from,
        TraceParent.of(trace));
  }
}

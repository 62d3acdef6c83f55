package io.heliograph.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.Position;
import io.heliograph.session.CloseReason;
import io.heliograph.session.ServerEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The risk: data ends an event early, or a client that is to stay away comes back. */
class EventCodecTests {

  private static final Instant NOW = Instant.parse("2026-11-28T06:00:00Z");

  private static String text(ServerEvent event) {
    return StandardCharsets.UTF_8
        .decode(EventCodec.EVENTS.encode(event).bytes().duplicate())
        .toString();
  }

  @Test
  void dataHasNoLineEndThatWouldEndItsEvent() {
    assertThatThrownBy(() -> Draft.of("news", "[1,\n2]", NOW))
        .isInstanceOf(IllegalArgumentException.class);
    Draft draft = Draft.of("news", "[\"\\n\u2028\"]", NOW);
    assertThat(
            text(new ServerEvent.Delivery(draft.at(new Channel.Topic("a"), new Position("e", 1)))))
        .isEqualTo("event: news\ndata: [\"\\n\u2028\"]\n\n");
  }

  @ParameterizedTest
  @EnumSource
  void onlyWhoIsToStayAwayGetsTheIdThatEndsIt(CloseReason reason) {
    boolean mayReturn = reason.comeBack() || reason == CloseReason.TOKEN;
    String bye =
        text(new ServerEvent.Bye(reason.tag(), reason.comeBack() ? Duration.ofMillis(7) : null));
    assertThat(bye.contains("id: stop\n")).isEqualTo(!mayReturn);
    assertThat(bye.contains("retry: ")).isEqualTo(mayReturn);
    assertThat(bye.contains("\"reconnectAfterMs\":null")).isEqualTo(!mayReturn);
  }

  @Test
  void whatAnswersNoRequestIsSilent() {
    assertThat(EventCodec.EVENTS.encode(new ServerEvent.Pong("1")).bytes().hasRemaining())
        .isFalse();
  }
}

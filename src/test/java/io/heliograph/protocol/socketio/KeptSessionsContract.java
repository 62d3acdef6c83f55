package io.heliograph.protocol.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The risk: a lost session is given to two clients, to none, or for ever. */
abstract class KeptSessionsContract {

  static final Duration RECOVERY = Duration.ofMinutes(2);

  abstract KeptSessions sessions();

  /** What was kept a recovery's time ago and longer is forgotten. */
  abstract void recoveryPasses();

  static KeptSession session(String user) {
    Channel news = new Channel.Topic("news");
    return new KeptSession(
        user,
        SocketIoCodec.START,
        true,
        Set.of(),
        List.of(new KeptSession.Followed(news, new Position("e", 3), null)),
        Map.of(),
        List.of(new Trail.Step(news, new Position("e", 3))));
  }

  @Test
  void aSessionIsGivenOnce() {
    sessions().keep("one", session("alice"));
    sessions().keep("two", session("bob"));
    assertThat(sessions().take("one").join()).isEqualTo(session("alice"));
    assertThat(sessions().take("one").join()).isNull();
    assertThat(sessions().take("two").join()).isEqualTo(session("bob"));
    assertThat(sessions().take("three").join()).isNull();
  }

  @Test
  void theLastOneOfAKeyCounts() {
    sessions().keep("again", session("alice"));
    sessions().keep("again", session("bob"));
    assertThat(sessions().take("again").join()).isEqualTo(session("bob"));
  }

  @Test
  void itIsForgottenAfterAWhile() {
    sessions().keep("late", session("alice"));
    recoveryPasses();
    assertThat(sessions().take("late").join()).isNull();
  }
}

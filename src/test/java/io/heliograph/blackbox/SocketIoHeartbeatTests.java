package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.support.EngineClient;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.test.context.TestPropertySource;

/**
 * The risk: a client that is there is taken for one that is not, or the other way round; or a
 * message that arrived is sent to the user's next session again.
 */
@TestPropertySource(
    properties = {"heliograph.socketio.enabled=true", "heliograph.session.heartbeat=700ms"})
class SocketIoHeartbeatTests extends BlackBox {

  private static final String PATH = "/socket.io/";

  private EngineClient connect(String carrier, String token) {
    EngineClient client =
        carrier.equals("polling")
            ? EngineClient.polling(port, PATH)
            : EngineClient.onSocket(port, PATH);
    assertThat(client.next()).contains("\"pingInterval\":700,\"pingTimeout\":5700");
    client.send("40{\"token\":\"" + token + "\"}");
    assertThat(client.next()).startsWith("40{");
    assertThat(client.next()).startsWith("42[\"welcome\"");
    return client;
  }

  private static void nothingElse(EngineClient client) {
    client.send("421[\"ping\"]");
    assertThat(client.next()).isEqualTo("431[{\"type\":\"pong\"}]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"websocket", "polling"})
  void whoAnswersPingsStays(String carrier) {
    try (EngineClient client = connect(carrier, backend.token(fresh("alive")))) {
      await().until(() -> client.answeredPings() >= 4);
      nothingElse(client);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"websocket", "polling"})
  void whoDoesNotIsClosedAndMayComeBack(String carrier) {
    try (EngineClient client = connect(carrier, backend.token(fresh("silent")))) {
      client.fallsSilent();
      assertThat(client.next())
          .startsWith("42[\"bye\",")
          .contains("\"reason\":\"silent\"")
          .doesNotContain("\"reconnectAfterMs\":null");
      assertThat(client.next()).isIn("closed 4408", "closed");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"websocket", "polling"})
  void whatArrivedIsNotSentAgainToTheUsersNextSession(String carrier) {
    String user = fresh("once");
    try (EngineClient client = connect(carrier, backend.token(user))) {
      backend.pushAll("user:" + user, "once");
      assertThat(client.next()).contains("\"once\"");
      int before = client.answeredPings();
      // A ping behind the message, and one more so that the answer to it was handled.
      await().until(() -> client.answeredPings() >= before + 2);
    }
    try (EngineClient client = connect(carrier, backend.token(user))) {
      nothingElse(client);
    }
  }
}

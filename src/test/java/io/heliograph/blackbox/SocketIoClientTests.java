package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.hub.Drain;
import io.heliograph.support.LogScan;
import io.heliograph.support.NodeClient;
import io.heliograph.support.Programs;
import io.heliograph.support.RequestProxy;
import io.heliograph.support.TestBackend;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** {@code socket.io-client} from npm, unmodified, under Node.js. */
@TestPropertySource(properties = "heliograph.socketio.enabled=true")
class SocketIoClientTests extends BlackBox {

  private static final int MANY = 1_000;

  private static Path packages = Path.of("");

  @Autowired Drain drain;

  private final String user = fresh("socketio");
  private final String topic = "topic:" + fresh("socketio");

  @BeforeAll
  static void install() {
    packages = Programs.npm("socket.io-client@4");
  }

  private static NodeClient client(
      int atPort, String transports, @Nullable String token, String... options) {
    var json = TestBackend.JSON.createObjectNode().put("transports", transports);
    if (token != null) {
      json.put("token", LogScan.secret(token));
    }
    for (int i = 0; i < options.length; i += 2) {
      json.put(options[i], options[i + 1]);
    }
    return NodeClient.start(
        "socketio.mjs", packages, "http://127.0.0.1:" + atPort, json.toString());
  }

  private NodeClient client(String transports) {
    return client(port, transports, backend.token(user, topic));
  }

  private static JsonNode ask(NodeClient client, String... event) {
    var order = TestBackend.JSON.createObjectNode().put("order", "ask");
    var arguments = order.putArray("event");
    for (String argument : event) {
      arguments.add(argument);
    }
    return client.order(order).until("answer").get("answer");
  }

  /** Nothing else comes before its answer. */
  private static String carrierOf(NodeClient client) {
    var order = TestBackend.JSON.createObjectNode().put("order", "ask");
    order.putArray("event").add("ping");
    JsonNode said = client.order(order).next();
    while (said.get("what").stringValue().equals("upgraded")) {
      said = client.next();
    }
    assertThat(said.get("what").stringValue()).as("%s", said).isEqualTo("answer");
    return said.get("carrier").stringValue();
  }

  private void push(int from, int to) {
    for (int i = from; i < to; i++) {
      backend.pushAll(topic, "" + i);
    }
  }

  /** These come in this order and no other message, whatever else the client says. */
  private static void receives(NodeClient client, int from, int to) {
    for (int i = from; i < to; i++) {
      JsonNode message = client.until("message");
      assertThat(message.get("data").stringValue()).as("%s", message).isEqualTo("" + i);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {"websocket;websocket", "polling;polling", "polling,websocket;websocket"})
  void onePushComesOnceOnEachCarrierAndAfterAnUpgrade(String transports, String carrier) {
    try (NodeClient client = client(transports)) {
      JsonNode welcome = client.until("welcome").get("data");
      assertThat(welcome.get("user").stringValue()).isEqualTo(user);
      assertThat(welcome.get("channels").toString()).contains(topic, "user:" + user, "everyone");
      // An upgrade takes its time.
      await().until(() -> carrierOf(client).equals(carrier));
      backend.pushAll(topic, "to the topic");
      backend.pushAll("user:" + user, "to the user");
      assertThat(client.next("message").get("data").stringValue()).isEqualTo("to the topic");
      assertThat(client.next("message").get("data").stringValue()).isEqualTo("to the user");
      assertThat(carrierOf(client)).isEqualTo(carrier);
    }
    // Each is counted out as it was counted in, also when its carrier has changed.
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertThat(meters.get("heliograph.sessions").tag("protocol", "socketio").gauges())
                    .allSatisfy(sessions -> assertThat(sessions.value()).isZero()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"websocket", "polling"})
  void requestsAreAcknowledged(String transports) {
    try (NodeClient client = client(transports)) {
      client.until("welcome");
      assertThat(ask(client, "unsubscribe", topic).get("type").stringValue())
          .isEqualTo("unsubscribed");
      assertThat(ask(client, "unsubscribe", topic).at("/problem/status").intValue()).isEqualTo(409);
      JsonNode subscribed = ask(client, "subscribe", topic);
      assertThat(subscribed.get("recovered").booleanValue()).isTrue();
      CompletableFuture<TestBackend.Answer> answer =
          backend.pushing("user:" + user, "act", "wait=acked&timeout=9s");
      client.until("message");
      String position =
          backend
              .get("/v1/channels/user:" + user + "/messages")
              .json()
              .at("/messages/0/position")
              .stringValue();
      assertThat(ask(client, "ack", "user:" + user, position).get("type").stringValue())
          .isEqualTo("pong");
      assertThat(answer.join().text("outcome")).isEqualTo("acked");
      assertThat(ask(client, "ack", "user:" + user, "elsewhere:7").at("/problem/status").intValue())
          .isEqualTo(409);
      assertThat(ask(client, "order.cancel").at("/problem/status").intValue()).isEqualTo(404);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"websocket", "polling"})
  void aTokenThatIsRefusedIsFinalAndAProgramNeedsOne(String transports) {
    try (NodeClient client = client(port, transports, "nonsense")) {
      JsonNode refused = client.next("refused");
      assertThat(refused.get("message").stringValue()).isEqualTo("token refused");
      assertThat(refused.get("status").intValue()).isEqualTo(401);
      assertThat(refused.get("active").booleanValue()).isFalse();
    }
    try (NodeClient client = client(port, transports, null)) {
      assertThat(client.next("refused").get("status").intValue()).isEqualTo(403);
    }
    try (NodeClient client = client(port, transports, null, "origin", "http://127.0.0.1:" + port)) {
      assertThat(client.until("welcome").get("data").has("user")).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"websocket", "polling"})
  void aPageOfAnotherOriginIsRefused(String transports) {
    try (NodeClient client =
        client(port, transports, backend.token(user), "origin", "https://evil.example")) {
      client.next("refused");
      client.order("leave");
    }
    assertThat(backend.get("/v1/users/" + user).body()).doesNotContain("socketio\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"websocket", "polling", "polling,websocket"})
  void cutInTheMiddleOfAThousandPushesAPageThatKeepsPositionsGetsEachOnceAndInOrder(
      String transports) {
    String token = backend.token(user, topic);
    try (RequestProxy proxy = new RequestProxy(port);
        NodeClient client = client(proxy.port(), transports, token, "keepsPositions", "yes")) {
      client.until("welcome");
      CompletableFuture<Void> pushes = CompletableFuture.runAsync(() -> push(0, MANY));
      for (int cut = 0; cut < 4; cut++) {
        receivesWithoutLoss(client, cut * MANY / 4, (cut + 1) * MANY / 4);
        proxy.cut();
      }
      pushes.join();
    }
  }

  /** What can be in flight at a time is bounded: the trail of a session has an end. */
  @ParameterizedTest
  @ValueSource(strings = {"websocket", "polling", "polling,websocket"})
  void cutAgainAndAgainAPageThatKeepsNothingGetsEachOnceAndInOrder(String transports) {
    int batch = 40;
    String token = backend.token(user, topic);
    try (RequestProxy proxy = new RequestProxy(port);
        NodeClient client = client(proxy.port(), transports, token)) {
      client.until("welcome");
      for (int i = 0; i < MANY; i += batch) {
        push(i, i + batch / 2);
        if (i / batch % 5 == 2) {
          proxy.cut();
        }
        push(i + batch / 2, i + batch);
        receivesWithoutLoss(client, i, i + batch);
      }
    }
  }

  /** By polling a client need not notice that it was cut between two requests. */
  private static void receivesWithoutLoss(NodeClient client, int from, int to) {
    int next = from;
    while (next < to) {
      JsonNode said = client.next();
      switch (said.get("what").stringValue()) {
        case "message" ->
            assertThat(said.get("data").stringValue()).as("%s", said).isEqualTo("" + next++);
        case "welcome" ->
            assertThat(said.get("data").get("recovered").booleanValue()).as("%s", said).isTrue();
        default -> assertThat(said.get("what").stringValue()).isNotIn("gap", "problem", "exit");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"websocket", "polling"})
  void aNodeThatDrainsIsLeftAndTheClientComesBack(String transports) {
    try (NodeClient client = client(transports)) {
      client.until("welcome");
      CompletableFuture<Void> drained = new CompletableFuture<>();
      drain.stop(() -> drained.complete(null));
      try {
        JsonNode bye = client.until("bye").get("data");
        assertThat(bye.get("reason").stringValue()).isEqualTo("drain");
        assertThat(bye.get("reconnectAfterMs").isNull()).isFalse();
        assertThat(client.until("disconnected").get("active").booleanValue()).isTrue();
        drained.join();
      } finally {
        drain.start();
      }
      push(0, 3);
      assertThat(client.until("connected").get("recovered").booleanValue()).isTrue();
      receives(client, 0, 3);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"websocket", "polling"})
  void theTokensEndIsFinal(String transports) {
    String token = backend.token(user, "60s", new String[] {topic});
    try (NodeClient client = client(port, transports, token)) {
      client.until("welcome");
      clock.advance(Duration.ofSeconds(62));
      assertThat(client.until("bye").get("data").get("reason").stringValue()).isEqualTo("token");
      JsonNode end = client.until("disconnected");
      assertThat(end.get("reason").stringValue()).isEqualTo("io server disconnect");
      assertThat(end.get("active").booleanValue()).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"websocket", "polling"})
  void aClientThatSleepsGetsAllWhenItWakes(String transports) {
    String padding = "x".repeat(20_000);
    try (NodeClient client = client(transports)) {
      client.until("welcome");
      client.freeze();
      backend.pushAll(
          topic, IntStream.range(0, 40).mapToObj(i -> i + padding).toArray(String[]::new));
      client.thaw();
      for (int i = 0; i < 40; i++) {
        assertThat(client.until("message").get("data").stringValue()).isEqualTo(i + padding);
      }
    }
  }
}

package io.heliograph.blackbox;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.hub.Drain;
import io.heliograph.hub.HubParts;
import io.heliograph.support.LogScan;
import io.heliograph.support.NodeClient;
import io.heliograph.support.Programs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code @stomp/stompjs} from npm, unmodified, under Node.js. */
class StompjsTests extends BlackBox {

  private static final int MANY = 1_000;

  private static Path packages = Path.of("");

  @Autowired Drain drain;
  @Autowired HubParts parts;

  private final String user = fresh("stompjs");
  private final String topic = fresh("stompjs");

  @BeforeAll
  static void install() {
    packages = Programs.npm("@stomp/stompjs@7", "ws@8");
  }

  private NodeClient client(int atPort, @Nullable String token, String... options) {
    var json = JsonMapper.shared().createObjectNode();
    if (token != null) {
      json.put("token", LogScan.secret(token));
    }
    for (int i = 0; i < options.length; i += 2) {
      json.put(options[i], options[i + 1]);
    }
    return NodeClient.start(
        "stompjs.mjs", packages, "ws://localhost:" + atPort + "/stomp", json.toString());
  }

  private NodeClient client(String... options) {
    return client(port, backend.token(user, "topic:" + topic), options);
  }

  private void subscribe(NodeClient client, String destination) {
    client.order("subscribe", "destination", destination).until("subscribed");
  }

  private static String data(JsonNode message) {
    assertThat(message.path("what").asString("")).as("%s", message).isEqualTo("message");
    return message.path("data").asString("");
  }

  private void receives(NodeClient client, int from, int to) {
    for (int i = from; i < to; i++) {
      JsonNode next = client.next();
      while (!next.path("what").asString("").equals("message")) {
        next = client.next();
      }
      assertThat(data(next)).isEqualTo("" + i);
    }
  }

  private void push(int from, int to) {
    for (int i = from; i < to; i++) {
      backend.pushAll("topic:" + topic, "" + i);
    }
  }

  @Test
  void aTokenIsAdmittedAndWithoutOneAndOriginNoClientIs() {
    try (NodeClient client = client()) {
      assertThat(client.next("connected").path("user-name").asString("")).isEqualTo(user);
    }
    try (NodeClient client = client(port, null)) {
      assertThat(client.next("error").path("body").asString("")).contains("origin-not-allowed");
      assertThat(client.until("closed").path("code").intValue()).isEqualTo(4403);
    }
    // As a page of this service.
    try (NodeClient client = client(port, null, "origin", "http://localhost:" + port)) {
      assertThat(client.next("connected").has("user-name")).isFalse();
      subscribe(client, "/topic/everyone");
    }
    try (NodeClient client = client(port, "nonsense")) {
      assertThat(client.next("error").path("message").asString("")).isEqualTo("token refused");
      assertThat(client.until("closed").path("code").intValue()).isEqualTo(4401);
    }
  }

  @Test
  void aPageOfAnotherOriginIsRefused() {
    try (NodeClient client = client("origin", "https://evil.example")) {
      client.until("failed");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.2", "1.1", "1.0"})
  void onePushReachesEachSubscriptionOnceInEachVersion(String version) {
    var options = JsonMapper.shared().createObjectNode();
    options.put("token", LogScan.secret(backend.token(user, "topic:" + topic)));
    options.putArray("versions").add(version);
    try (NodeClient client =
        NodeClient.start(
            "stompjs.mjs", packages, "ws://localhost:" + port + "/stomp", options.toString())) {
      assertThat(client.next("connected").path("version").asString("")).isEqualTo(version);
      subscribe(client, "/topic/" + topic);
      subscribe(client, "/user/queue/inbox");
      push(0, 1);
      assertThat(data(client.next())).isEqualTo("0");
      backend.pushAll("user:" + user, "mine");
      assertThat(data(client.next())).isEqualTo("mine");
      client.order("leave");
      client.next("disconnected");
      assertThat(client.next("closed").path("code").intValue()).isEqualTo(1000);
    }
  }

  @Test
  void anAcknowledgementReachesThePublisher() {
    try (NodeClient client = client()) {
      client.next("connected");
      var order = JsonMapper.shared().createObjectNode();
      order.put("order", "subscribe").put("destination", "/user/queue/inbox");
      order.putObject("headers").put("ack", "client-individual");
      client.order(order).until("subscribed");
      assertThat(
              backend.push("user:" + user, "handle me", "wait=acked&timeout=20s").text("outcome"))
          .isEqualTo("acked");
    }
  }

  @Test
  void cutInTheMiddleOfManyPushesItSeesEachOnceAndInOrder() {
    try (NodeClient client = client("reconnectDelay", "50")) {
      String session = client.next("connected").path("session").asString("");
      subscribe(client, "/topic/" + topic);
      CompletableFuture<Void> pushes = CompletableFuture.runAsync(() -> push(0, MANY));
      receives(client, 0, MANY / 3);
      requireNonNull(parts.registry().session(session)).transport().abort();
      receives(client, MANY / 3, MANY);
      pushes.join();
    }
  }

  @Test
  void aDrainingNodeIsLeftAndTheClientComesBack() {
    try (NodeClient client = client("reconnectDelay", "100")) {
      client.next("connected");
      CompletableFuture<Void> drained = new CompletableFuture<>();
      drain.stop(() -> drained.complete(null));
      try {
        assertThat(client.next("closed").path("code").intValue()).isEqualTo(1001);
        drained.join();
      } finally {
        drain.start();
      }
      client.until("connected");
    }
  }

  @Test
  void theTokensEndIsReported() {
    try (NodeClient client = client(port, backend.token(user, "60s", new String[0]))) {
      client.next("connected");
      clock.advance(Duration.ofSeconds(62));
      JsonNode error = client.next("error");
      assertThat(error.path("message").asString("")).isEqualTo("token");
      assertThat(error.path("come-back").asString("")).isEqualTo("false");
      assertThat(client.until("closed").path("code").intValue()).isEqualTo(4401);
    }
  }

  /** More than the kernels take. */
  @Test
  void aPageThatSleepsGetsAllWhenItWakes() {
    try (NodeClient client = client()) {
      client.next("connected");
      subscribe(client, "/topic/" + topic);
      client.freeze();
      String[] large = new String[60];
      for (int i = 0; i < large.length; i++) {
        large[i] = i + "x".repeat(15_000);
      }
      backend.pushAll("topic:" + topic, large);
      client.thaw();
      for (String text : large) {
        assertThat(data(client.next())).isEqualTo(text);
      }
    }
  }

  @Test
  void whatAClientSendsReachesOthers() {
    try (NodeClient reader = client();
        NodeClient writer = client(port, backend.sender(user, "topic:" + topic))) {
      reader.next("connected");
      writer.next("connected");
      subscribe(reader, "/topic/" + topic);
      writer.order("publish", "destination", "/topic/" + topic, "body", "\"hello\"");
      assertThat(data(reader.next())).isEqualTo("hello");
    }
  }
}

package io.heliograph.blackbox;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.hub.HubParts;
import io.heliograph.support.LogScan;
import io.heliograph.support.NodeClient;
import io.heliograph.support.Programs;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code sockjs-client} from npm with stompjs on it, unmodified, as many a Spring application has
 * it.
 */
@TestPropertySource(properties = "heliograph.sockjs.enabled=true")
class SockjsClientTests extends BlackBox {

  private static final int MANY = 500;

  private static Path packages = Path.of("");

  @Autowired HubParts parts;

  private final String topic = fresh("sockjs");

  @BeforeAll
  static void install() {
    packages = Programs.npm("@stomp/stompjs@7", "sockjs-client@1", "ws@8");
  }

  private NodeClient client(String token) {
    String options =
        JsonMapper.shared()
            .createObjectNode()
            .put("sockjs", true)
            .put("reconnectDelay", 50)
            .put("token", LogScan.secret(token))
            .toString();
    return NodeClient.start(
        "stompjs.mjs", packages, "http://localhost:" + port + "/stomp", options);
  }

  private NodeClient client() {
    return client(backend.token(fresh("sockjs"), "topic:" + topic));
  }

  private void push(int from, int to) {
    for (int i = from; i < to; i++) {
      backend.pushAll("topic:" + topic, "" + i);
    }
  }

  private static void receives(NodeClient client, int from, int to) {
    for (int i = from; i < to; i++) {
      JsonNode message = client.until("message");
      assertThat(message.path("data").asString("")).isEqualTo("" + i);
    }
  }

  @Test
  void cutInTheMiddleOfManyPushesItSeesEachOnceAndInOrder() {
    try (NodeClient client = client()) {
      String session = client.next("connected").path("session").asString("");
      client.order("subscribe", "destination", "/topic/" + topic).until("subscribed");
      CompletableFuture<Void> pushes = CompletableFuture.runAsync(() -> push(0, MANY));
      receives(client, 0, MANY / 3);
      requireNonNull(parts.registry().session(session)).transport().abort();
      receives(client, MANY / 3, MANY);
      pushes.join();
      assertThat(
              meters
                  .get("heliograph.sessions")
                  .tag("protocol", "stomp")
                  .tag("transport", "sockjs-websocket")
                  .gauge()
                  .value())
          .isOne();
    }
  }

  @Test
  void aRefusedTokenIsTold() {
    try (NodeClient client = client("nonsense")) {
      assertThat(client.next("error").path("message").asString("")).isEqualTo("token refused");
      assertThat(client.until("closed").path("code").intValue()).isEqualTo(4401);
    }
  }

  @Test
  void aClientThatLeavesGetsItsReceipt() {
    try (NodeClient client = client()) {
      client.next("connected");
      client.order("leave");
      client.next("disconnected");
      assertThat(client.next("closed").path("code").intValue()).isEqualTo(1000);
    }
  }
}

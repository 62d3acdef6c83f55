package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.hub.Drain;
import io.heliograph.support.LogScan;
import io.heliograph.support.NodeClient;
import io.heliograph.support.Programs;
import io.heliograph.support.TestBackend;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** {@code eventsource} from npm, unmodified, under Node.js. */
class EventSourceClientTests extends BlackBox {

  private static final int MANY = 300;

  private static Path packages = Path.of("");

  @Autowired Drain drain;

  private final String user = fresh("eventsource");

  @BeforeAll
  static void install() {
    packages = Programs.npm("eventsource@4");
  }

  private NodeClient client(@Nullable String token) {
    var options = TestBackend.JSON.createObjectNode().put("types", "welcome,message,gap,bye");
    if (token == null) {
      options.put("site", "same-origin");
    } else {
      options.put("token", LogScan.secret(token));
    }
    return NodeClient.start(
        "eventsource.mjs", packages, "http://127.0.0.1:" + port + "/events", options.toString());
  }

  @Test
  void aClientThatIsAskedToComeBackMissesNothing() {
    try (NodeClient client = client(backend.token(user))) {
      client.next("welcome");
      String[] first = numbers(0);
      backend.pushAll("user:" + user, first);
      receives(client, 0);
      CompletableFuture<Void> drained = new CompletableFuture<>();
      drain.stop(() -> drained.complete(null));
      client.next("bye");
      drained.join();
      drain.start();
      backend.pushAll("user:" + user, numbers(MANY));
      assertThat(client.until("welcome").at("/data/lost")).isEmpty();
      receives(client, MANY);
    }
  }

  private static String[] numbers(int from) {
    String[] numbers = new String[MANY];
    for (int i = 0; i < MANY; i++) {
      numbers[i] = Integer.toString(from + i);
    }
    return numbers;
  }

  private static void receives(NodeClient client, int from) {
    for (String number : numbers(from)) {
      assertThat(client.next("message").get("data").asString()).isEqualTo(number);
    }
  }

  @Test
  void aClientThatIsToStayAwayStaysAway() {
    try (NodeClient client = client(backend.token(user))) {
      client.next("welcome");
      backend.delete("/v1/users/" + user + "/sessions");
      assertThat(client.next("bye").at("/data/reason").asString()).isEqualTo("policy");
      assertThat(client.next("error").get("state").asInt()).isZero();
      // It came back once, and 204 has ended it.
      var last = client.next("error");
      assertThat(last.get("code").asInt()).isEqualTo(204);
      assertThat(last.get("state").asInt()).isEqualTo(2);
    }
  }

  @Test
  void aClientThatIsRefusedForNowComesBackByItself() {
    CompletableFuture<Void> drained = new CompletableFuture<>();
    drain.stop(() -> drained.complete(null));
    drained.join();
    double refused = count("heliograph.handshakes", "outcome", "unavailable");
    try (NodeClient client = client(null)) {
      await().until(() -> count("heliograph.handshakes", "outcome", "unavailable") > refused);
      drain.start();
      client.until("welcome");
    } finally {
      drain.start();
    }
  }
}

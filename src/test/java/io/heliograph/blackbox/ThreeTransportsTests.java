package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.support.TestBackend;
import io.heliograph.support.TestPoller;
import io.heliograph.support.TestStream;
import io.heliograph.support.TestTab;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The risk: a message is lost or comes twice, because a client is not on a WebSocket. */
class ThreeTransportsTests extends BlackBox {

  private static final int MESSAGES = 1_000;

  private final String topic = "topic:" + fresh("three");
  private final CountDownLatch connected = new CountDownLatch(3);

  private String bearer(String user) {
    return "Authorization: Bearer " + backend.token(user, topic);
  }

  @Test
  void onePushReachesEachOnce() {
    String user = fresh("three");
    TestTab tab = browser.connect(user);
    var poller = new TestPoller(port, "", null, "Authorization", "Bearer " + backend.token(user));
    poller.poll(0);
    try (TestStream stream = TestStream.get(port, "/events", bearer(user))) {
      stream.next("welcome");
      CompletableFuture<JsonNode> answer =
          CompletableFuture.supplyAsync(() -> poller.poll(20), Thread::startVirtualThread);
      backend.pushAll("user:" + user, "one push");
      tab.receives("one push").thenNothing();
      stream.receives("one push");
      assertThat(texts(answer.join())).containsExactly("one push");
      backend.pushAll("user:" + user, "the next");
      stream.receives("the next");
      assertThat(texts(poller.poll(20))).containsExactly("the next");
    }
  }

  private static List<String> texts(JsonNode answer) {
    List<String> texts = new ArrayList<>();
    answer.path("messages").forEach(message -> texts.add(message.path("data").asString()));
    return texts;
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2})
  void eachIsCutAgainAndAgainAndSeesEachMessageOnceAndInOrder(long seed)
      throws InterruptedException {
    List<CompletableFuture<List<String>>> clients =
        List.of(
            running(() -> onStreams(new Random(seed))),
            running(() -> onPolls(new Random(seed + 100))),
            running(() -> onSockets(new Random(seed + 200))));
    assertThat(connected.await(60, TimeUnit.SECONDS)).isTrue();
    List<String> pushed = IntStream.range(0, MESSAGES).mapToObj(Integer::toString).toList();
    backend.pushAll(topic, pushed.toArray(String[]::new));
    for (CompletableFuture<List<String>> client : clients) {
      assertThat(client.orTimeout(120, TimeUnit.SECONDS).join()).isEqualTo(pushed);
    }
  }

  private static CompletableFuture<List<String>> running(Supplier<List<String>> client) {
    return CompletableFuture.supplyAsync(client, Thread::startVirtualThread);
  }

  /** As an EventSource: what came before the cut is what it handled. */
  private List<String> onStreams(Random random) {
    String authorization = bearer(fresh("three"));
    List<String> seen = new ArrayList<>();
    String last = "";
    while (seen.size() < MESSAGES) {
      try (TestStream stream =
          TestStream.get(port, "/events", authorization, "Last-Event-ID: " + last)) {
        last = stream.next("welcome").id();
        connected.countDown();
        for (int left = random.nextInt(1, 90); left > 0 && seen.size() < MESSAGES; left--) {
          TestStream.Event event = stream.next("message");
          seen.add(TestBackend.JSON.readTree(event.data()).asString());
          last = event.id();
        }
      }
    }
    return seen;
  }

  /** Some answers are lost, and then the same position is sent again. */
  private List<String> onPolls(Random random) {
    String[] headers = {"Authorization", "Bearer " + backend.token(fresh("three"), topic)};
    List<String> seen = new ArrayList<>();
    var poller = new TestPoller(port, "", null, headers);
    poller.poll(0);
    connected.countDown();
    while (seen.size() < MESSAGES) {
      if (random.nextInt(4) == 0) {
        poller.ask(random.nextInt(2));
      } else {
        JsonNode answer = poller.poll(20);
        assertThat(answer.path("recovered").asBoolean()).isTrue();
        seen.addAll(texts(answer));
      }
    }
    return seen;
  }

  private List<String> onSockets(Random random) {
    String own = backend.token(fresh("three"), topic);
    List<String> seen = new ArrayList<>();
    String since = null;
    while (seen.size() < MESSAGES) {
      TestTab tab = browser.withToken(own);
      String position = since == null ? "" : ",\"since\":\"" + since + "\"";
      tab.send("{\"type\":\"subscribe\",\"id\":1,\"channel\":\"" + topic + "\"" + position + "}");
      JsonNode subscribed = tab.next("subscribed");
      if (since == null) {
        since = subscribed.get("position").asString();
      }
      connected.countDown();
      for (int left = random.nextInt(1, 90); left > 0 && seen.size() < MESSAGES; left--) {
        JsonNode message = tab.next("message");
        seen.add(message.get("data").asString());
        since = message.get("position").asString();
      }
      tab.cut();
    }
    return seen;
  }
}

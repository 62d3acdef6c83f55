package io.heliograph.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.support.Node;
import io.heliograph.support.NodeBrowser;
import io.heliograph.support.RedisServer;
import io.heliograph.support.TestBackend;
import io.heliograph.support.TestBrowser;
import io.heliograph.support.TestPoller;
import io.heliograph.support.TestStream;
import io.heliograph.support.TestTab;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Two nodes and one Redis: what is published on one node is delivered on the other, also after
 * faults.
 */
@SuppressWarnings("NullAway.Init") // started before the tests
class TwoNodesTests {

  private static RedisServer redis;
  private static Node a;
  private static Node b;

  @BeforeAll
  static void start() {
    redis = RedisServer.running();
    String[] settings = {"heliograph.redis.head-check=2s", "heliograph.redis.unready-after=1s"};
    a = Node.on(redis, settings);
    b = Node.on(redis, settings);
    for (Node node : List.of(a, b)) {
      await().until(() -> node.manage("/actuator/health/readiness").statusCode() == 200);
    }
  }

  @AfterAll
  static void stop() {
    if (a != null) {
      a.close();
    }
    if (b != null) {
      b.close();
    }
    if (redis != null) {
      redis.close();
    }
  }

  @Test
  void aMessagePublishedOnOneNodeIsDeliveredOnTheOther() throws Exception {
    try (NodeBrowser alice = b.browser("alice");
        NodeBrowser bob = b.browser("bob")) {
      assertThat(a.push("user:alice", "one").statusCode()).isEqualTo(202);
      assertThat(b.push("user:alice", "two").statusCode()).isEqualTo(202);
      alice.receives("one", "two");
      assertThat(a.push("everyone", "all").statusCode()).isEqualTo(202);
      alice.receives("one", "two", "all");
      bob.receives("all");
    }
  }

  @Test
  void linesRepeatedConcurrentlyOnBothNodesArePublishedOnce() throws Exception {
    StringBuilder lines = new StringBuilder("[");
    for (int i = 0; i < 100; i++) {
      lines
          .append(i == 0 ? "" : ",")
          .append("{\"channel\":\"topic:outbox\",\"data\":")
          .append(i)
          .append(",\"idempotencyKey\":\"event-")
          .append(i)
          .append("\"}");
    }
    String array = lines.append(']').toString();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> callers = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        Node node = i % 2 == 0 ? a : b;
        // Repeats the request until all lines are accepted, as a careful caller does.
        callers.add(
            threads.submit(
                () ->
                    await()
                        .atMost(Duration.ofSeconds(60))
                        .until(
                            () -> !node.post("/v1/messages", array).body().contains("problem"))));
      }
      for (Future<?> caller : callers) {
        caller.get();
      }
    }
    assertThat(Node.json(a.get("/v1/channels/topic:outbox/messages?limit=1000")).get("messages"))
        .hasSize(100);
  }

  @Test
  void aClientsPublishIsDeliveredOnTheOtherNodeWithItsSenderAndARepetitionAppendsNothing() {
    String room = "topic:two-nodes";
    String frame =
        "{\"type\":\"publish\",\"id\":7,\"channel\":\"%s\",\"data\":\"hello\",\"idempotencyKey\":\"k\"}"
            .formatted(room);
    try (var onA = new TestBrowser(a.backend());
        var onB = new TestBrowser(b.backend())) {
      TestTab reader = onB.connect("reader", room);
      reader.subscribe(room);
      JsonNode first = onA.withToken(a.backend().sender("alice", room)).send(frame).next();
      assertThat(first.get("type").stringValue()).isEqualTo("published");
      JsonNode message = reader.next("message");
      assertThat(message.get("from").stringValue()).isEqualTo("alice");
      assertThat(message.get("id")).isEqualTo(first.get("message"));
      // The client lost its connection before the answer and reconnects to the other node.
      JsonNode again = onB.withToken(b.backend().sender("alice", room)).send(frame).next();
      assertThat(again.get("message")).isEqualTo(first.get("message"));
      assertThat(again.get("position")).isEqualTo(first.get("position"));
      reader.thenNothing();
    }
    JsonNode log = a.backend().get("/v1/channels/" + room + "/messages").json().get("messages");
    assertThat(log).hasSize(1);
    assertThat(log.get(0).get("from").stringValue()).isEqualTo("alice");
  }

  /** Their state is in the client and the log, so no node is needed twice. */
  @Test
  void streamsAndPollsThatMeetAnotherNodeEachTimeSeeEachMessageOnceAndInOrder() {
    String topic = "topic:wandering";
    String authorization = "Authorization: Bearer " + a.backend().token("stroller", topic);
    List<Node> nodes = List.of(a, b);
    TestPoller[] pollers = new TestPoller[2];
    for (int i = 0; i < 2; i++) {
      pollers[i] =
          new TestPoller(
              nodes.get(i).port(),
              "",
              null,
              "Authorization",
              "Bearer " + a.backend().token("poller", topic));
    }
    pollers[1].poll(0);
    String last;
    try (TestStream first = TestStream.get(a.port(), "/events", authorization)) {
      last = first.next("welcome").id();
    }
    List<String> pushed = new ArrayList<>();
    List<String> streamed = new ArrayList<>();
    List<String> polled = new ArrayList<>();
    for (int round = 0; round < 20; round++) {
      for (int i = 0; i < 5; i++) {
        pushed.add("m" + pushed.size());
        nodes.get(i % 2).backend().pushAll(topic, pushed.getLast());
      }
      Node node = nodes.get(round % 2);
      try (TestStream stream =
          TestStream.get(node.port(), "/events", authorization, "Last-Event-ID: " + last)) {
        assertThat(stream.next("welcome").data()).contains("\"lost\":[]");
        // The last two of a round are read on the next node.
        while (streamed.size() < pushed.size() - 2) {
          TestStream.Event event = stream.next("message");
          streamed.add(TestBackend.JSON.readTree(event.data()).asString());
          last = event.id();
        }
      }
      TestPoller poller = pollers[round % 2].from(pollers[(round + 1) % 2]);
      JsonNode answer = poller.poll(20);
      assertThat(answer.path("recovered").asBoolean()).isTrue();
      answer.path("messages").forEach(message -> polled.add(message.path("data").asString()));
    }
    assertThat(streamed).isEqualTo(pushed.subList(0, pushed.size() - 2));
    assertThat(polled).isEqualTo(pushed);
  }

  @Test
  void aLateSessionGetsQueuedMessagesOnAnyNode() throws Exception {
    a.push("user:late", "one");
    a.push("user:late", "two");
    try (NodeBrowser late = b.browser("late")) {
      late.receives("one", "two");
    }
    // Messages delivered on one node are not repeated on the other.
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> {
              try (NodeBrowser again = a.browser("late")) {
                a.push("user:late", "three");
                await().until(() -> again.events().contains("three"));
                assertThat(again.events()).doesNotContain("one", "two");
              }
            });
  }

  @Test
  void aRequestRepeatedOnTheOtherNodeIsOneMessage() throws Exception {
    try (NodeBrowser carol = b.browser("carol")) {
      HttpResponse<String> first = a.pushOnce("user:carol", "paid", "request-1");
      HttpResponse<String> again = b.pushOnce("user:carol", "paid", "request-1");
      assertThat(again.statusCode()).isEqualTo(202);
      assertThat(again.body()).isEqualTo(first.body());
      a.push("user:carol", "end");
      carol.receives("paid", "end");
    }
  }

  @Test
  void messagesDuringALostPubSubConnectionArriveInOrder() throws Exception {
    try (NodeBrowser dave = b.browser("dave")) {
      List<String> events = new ArrayList<>();
      for (int cut = 0; cut < 3; cut++) {
        for (int i = 0; i < 20; i++) {
          String event = "e" + cut + "-" + i;
          events.add(event);
          if (i == 5) {
            redis.command("CLIENT", "KILL", "TYPE", "pubsub");
          }
          assertThat(a.push("user:dave", event).statusCode()).isEqualTo(202);
        }
      }
      dave.receives(events.toArray(String[]::new));
    }
  }

  @Test
  void withoutRedisPublishesAreRefusedPromptlyAndSessionsStayOpen() throws Exception {
    try (NodeBrowser erin = b.browser("erin");
        TestBrowser onA = new TestBrowser(a.backend())) {
      TestTab grace = onA.withToken(a.backend().sender("grace", "topic:without-redis"));
      Map<String, String> publish = Map.of("channel", "topic:without-redis", "data", "text");
      a.push("user:erin", "before");
      erin.receives("before");
      redis.save();
      redis.kill();
      try {
        long start = System.nanoTime();
        HttpResponse<String> refused = a.push("user:erin", "refused");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();
        JsonNode answer = grace.request("publish", publish);
        assertThat(answer.at("/problem/status").intValue()).isEqualTo(503);
        await().until(() -> b.manage("/actuator/health/readiness").statusCode() == 503);
        assertThat(b.manage("/actuator/health/liveness").statusCode()).isEqualTo(200);
        assertThat(b.manage("/actuator/prometheus").body()).contains("heliograph_broker_up 0.0");
        assertThat(erin.isOpen()).isTrue();
      } finally {
        redis.start();
      }
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> a.push("user:erin", "after").statusCode() == 202);
      await().atMost(Duration.ofSeconds(60)).until(() -> erin.events().contains("after"));
      // Gaps are reported before.
      assertThat(grace.request("publish", publish).get("type").stringValue())
          .isEqualTo("published");
      // A restarted Redis may have lost its last messages, so a gap is reported.
      assertThat(erin.frames("gap")).isNotEmpty();
      assertThat(erin.events()).startsWith("before").doesNotContain("refused");
      assertThat(erin.isOpen()).isTrue();
      await().until(() -> b.manage("/actuator/health/readiness").statusCode() == 200);
      // From here on messages are announced again.
      a.push("user:erin", "live");
      await().until(() -> erin.events().getLast().equals("live"));
    }
  }

  @Test
  void aFlushedRedisIsReportedAsAGap() throws Exception {
    try (NodeBrowser frank = b.browser("frank")) {
      a.push("user:frank", "one");
      frank.receives("one");
      redis.command("FLUSHALL");
      a.push("user:frank", "two");
      frank.receives("one", "two");
      await().until(() -> !frank.frames("gap").isEmpty());
    }
  }
}

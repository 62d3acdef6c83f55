package io.heliograph.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.support.Node;
import io.heliograph.support.NodeBrowser;
import io.heliograph.support.PausedNetwork;
import io.heliograph.support.RedisServer;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Three nodes and one Redis: every node answers for all, and reports nodes that are missing. The
 * third node's connection to Redis can be held, which looks like a paused node.
 */
@SuppressWarnings("NullAway.Init") // started before the tests
class ClusterQueryTests {

  private static RedisServer redis;
  private static PausedNetwork network;
  private static Node a;
  private static Node b;
  private static Node c;

  @BeforeAll
  static void start() {
    redis = RedisServer.running();
    network = new PausedNetwork(redis.port());
    String[] settings = {"heliograph.cluster.deadline=600ms", "heliograph.redis.lease=2s"};
    a = Node.on(redis, settings);
    b = Node.on(redis, settings);
    c =
        Node.start(
            settings[0],
            settings[1],
            "heliograph.broker=redis",
            "spring.data.redis.port=" + network.port());
  }

  @AfterAll
  static void stop() throws Exception {
    for (Node node : new Node[] {a, b, c}) {
      if (node != null) {
        node.close();
      }
    }
    if (network != null) {
      network.close();
    }
    if (redis != null) {
      redis.close();
    }
  }

  @BeforeEach
  void awaitAllNodes() {
    for (Node node : List.of(a, b, c)) {
      awaitAnswers(node, 3);
    }
  }

  @Test
  void everyNodeListsTheSessionsOfAllNodes() throws Exception {
    try (NodeBrowser one = a.browser("alice");
        NodeBrowser two = b.browser("alice");
        NodeBrowser three = c.browser("alice");
        NodeBrowser other = b.browser("bob")) {
      for (Node node : List.of(a, b, c)) {
        JsonNode page = json(node.get("/v1/sessions?user=alice"));
        assertThat(page.get("sessions").findValuesAsString("session"))
            .containsExactlyInAnyOrder(one.session(), two.session(), three.session())
            .isSorted();
        assertThat(page.get("complete").booleanValue()).isTrue();
        assertThat(page.has("cursor")).isFalse();
      }
      Set<String> paged = new HashSet<>();
      String cursor = "";
      do {
        JsonNode page = json(c.get("/v1/sessions?limit=1&user=alice" + cursor));
        assertThat(paged.add(page.at("/sessions/0/session").asString())).isTrue();
        cursor = page.has("cursor") ? "&cursor=" + page.get("cursor").asString() : "";
      } while (!cursor.isEmpty());
      assertThat(paged).hasSize(3).doesNotContain(other.session());
    }
  }

  @Test
  void presenceCountsAUserOnTwoNodesOnce() throws Exception {
    try (NodeBrowser one = a.browser("carol");
        NodeBrowser two = b.browser("carol")) {
      JsonNode presence = json(c.get("/v1/channels/user:carol"));
      assertThat(presence.get("sessions").intValue()).isEqualTo(2);
      assertThat(presence.get("users").intValue()).isEqualTo(1);
      assertThat(presence.at("/nodes/answered").intValue()).isEqualTo(3);
      assertThat(one.isOpen() && two.isOpen()).isTrue();
    }
  }

  @Test
  void aSessionIsShownAndClosedThroughAnotherNode() throws Exception {
    try (NodeBrowser dave = b.browser("dave")) {
      String path = "/v1/sessions/" + dave.session();
      JsonNode seen = json(a.get(path));
      assertThat(seen.get("user").asString()).isEqualTo("dave");
      assertThat(seen.get("channels").size()).isEqualTo(3);
      assertThat(c.delete(path).statusCode()).isEqualTo(204);
      assertThat(dave.closeCode()).isEqualTo(1008);
      await().until(() -> a.get(path).statusCode() == 404);
      assertThat(a.delete(path).statusCode()).isEqualTo(404);
    }
  }

  @Test
  void allSessionsOfAUserAreClosedOnAllNodes() throws Exception {
    try (NodeBrowser one = a.browser("erin");
        NodeBrowser two = b.browser("erin");
        NodeBrowser three = c.browser("erin");
        NodeBrowser other = c.browser("frank")) {
      JsonNode closed = json(a.delete("/v1/users/erin/sessions"));
      assertThat(closed.get("closed").intValue()).isEqualTo(3);
      assertThat(closed.get("complete").booleanValue()).isTrue();
      for (NodeBrowser gone : List.of(one, two, three)) {
        assertThat(gone.closeCode()).isEqualTo(1008);
      }
      assertThat(other.isOpen()).isTrue();
    }
  }

  @Test
  void aPublishWaitsForReceiptsOfOtherNodes() throws Exception {
    try (NodeBrowser grace = b.browser("grace")) {
      JsonNode delivered = json(a.post(push("grace", "delivered", "20s"), "{\"data\":1}"));
      assertThat(delivered.get("outcome").asString()).isEqualTo("delivered");
      assertThat(delivered.at("/sessions/delivered").intValue()).isEqualTo(1);
      assertThat(delivered.at("/nodes/asked").intValue()).isEqualTo(1);

      CompletableFuture<JsonNode> acked =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return json(c.post(push("grace", "acked", "20s"), "{\"data\":2}"));
                } catch (Exception e) {
                  throw new AssertionError(e);
                }
              });
      await().until(() -> grace.messages().size() == 2);
      assertThat(acked).isNotDone();
      grace.send(
          "{\"type\":\"ack\",\"channel\":\"user:grace\",\"position\":\"%s\"}"
              .formatted(grace.messages().getLast().get("position").asString()));
      assertThat(acked.join().get("outcome").asString()).isEqualTo("acked");
      assertThat(acked.join().at("/sessions/acked").intValue()).isEqualTo(1);
    }
  }

  @Test
  void aPublishWithoutRecipientsDoesNotWait() throws Exception {
    long start = System.nanoTime();
    JsonNode queued = json(a.post(push("nobody", "acked", "30s"), "{\"data\":1}"));
    assertThat(queued.get("outcome").asString()).isEqualTo("queued");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
  }

  @Test
  void aLateCloseOnOneNodeDoesNotRemoveTheNewerSessionOnAnother() throws Exception {
    NodeBrowser old = a.browser("heidi");
    try (NodeBrowser newer = b.browser("heidi")) {
      old.close();
      await().until(() -> json(c.get("/v1/channels/user:heidi")).get("sessions").intValue() == 1);
      JsonNode delivered = json(c.post(push("heidi", "delivered", "20s"), "{\"data\":1}"));
      assertThat(delivered.get("outcome").asString()).isEqualTo("delivered");
      await().until(() -> newer.messages().size() == 1);
    }
  }

  @Test
  void aPausedNodeIsReportedAsMissingAndIgnoresExpiredQueries() throws Exception {
    try (NodeBrowser here = a.browser("ivan");
        NodeBrowser there = c.browser("ivan")) {
      double late = late();
      network.hold();
      JsonNode closed;
      try {
        JsonNode page = json(a.get("/v1/sessions?user=ivan"));
        assertThat(page.get("sessions").findValuesAsString("session"))
            .containsExactly(here.session());
        assertThat(page.get("complete").booleanValue()).isFalse();
        assertThat(page.at("/nodes/asked").intValue()).isEqualTo(3);
        assertThat(page.at("/nodes/answered").intValue()).isEqualTo(2);
        closed = json(a.delete("/v1/users/ivan/sessions"));
      } finally {
        network.letGo();
      }
      assertThat(closed.get("closed").intValue()).isEqualTo(1);
      assertThat(closed.get("complete").booleanValue()).isFalse();
      assertThat(here.closeCode()).isEqualTo(1008);
      await().until(() -> late() >= late + 2);
      awaitAnswers(a, 3);
      assertThat(there.isOpen()).isTrue();
    }
  }

  @Test
  void aPausedNodeMakesReceiptsAndSessionsUnknown() throws Exception {
    try (NodeBrowser judy = c.browser("judy")) {
      network.hold();
      try {
        HttpResponse<String> pushed = a.post(push("judy", "delivered", "300ms"), "{\"data\":1}");
        assertThat(pushed.statusCode()).isEqualTo(202);
        assertThat(json(pushed).get("outcome").asString()).isEqualTo("accepted");
        assertThat(json(pushed).at("/nodes/asked").intValue()).isEqualTo(1);
        assertThat(json(pushed).at("/nodes/answered").intValue()).isZero();
        HttpResponse<String> unknown = a.get("/v1/sessions/" + judy.session());
        assertThat(unknown.statusCode()).isEqualTo(503);
        assertThat(unknown.headers().firstValue("Retry-After")).isPresent();
      } finally {
        network.letGo();
      }
      await().atMost(Duration.ofSeconds(60)).until(() -> judy.messages().size() == 1);
    }
  }

  @Test
  void aFailedNodeIsRemovedWhenItsLeaseEnds() throws Exception {
    network.hold();
    try {
      awaitAnswers(a, 2);
      assertThat(b.manage("/actuator/prometheus").body())
          .contains("heliograph_cluster_questions_total{outcome=\"answered\"}");
      await()
          .until(
              () ->
                  a.manage("/actuator/prometheus").body().contains("heliograph_cluster_nodes 2.0"));
    } finally {
      network.letGo();
    }
  }

  @Test
  void malformedMessagesBetweenNodesAreIgnored() {
    for (String text : List.of("", "x", "1\nquestion\nb\n{", "1\nnews\nb\nx", "x\nanswer\nb\nx")) {
      redis.command("SPUBLISH", "heliograph:{nodes}:all", text);
      redis.command("PUBLISH", "heliograph:{nodes}:all", text);
    }
    awaitAllNodes();
  }

  @Test
  void withoutRedisQueriesFailPromptly() throws Exception {
    try (NodeBrowser mallory = a.browser("mallory")) {
      redis.kill();
      try {
        long start = System.nanoTime();
        for (String path : List.of("/v1/sessions", "/v1/channels/everyone")) {
          HttpResponse<String> refused = a.get(path);
          assertThat(refused.statusCode()).as(path).isEqualTo(503);
          assertThat(refused.headers().firstValue("Retry-After")).isPresent();
        }
        assertThat(a.delete("/v1/users/mallory/sessions").statusCode()).isEqualTo(503);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
        assertThat(mallory.isOpen()).isTrue();
        assertThat(a.get("/v1/sessions/" + mallory.session()).statusCode()).isEqualTo(200);
      } finally {
        redis.start();
      }
      awaitAllNodes();
    }
  }

  private static double late() throws Exception {
    return c.manage("/actuator/prometheus")
        .body()
        .lines()
        .filter(row -> row.startsWith("heliograph_cluster_heard_total{outcome=\"late\"}"))
        .mapToDouble(row -> Double.parseDouble(row.substring(row.lastIndexOf(' '))))
        .sum();
  }

  private static void awaitAnswers(Node node, int nodes) {
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> {
              HttpResponse<String> answer = node.get("/v1/channels/topic:anything");
              assertThat(answer.statusCode()).isEqualTo(200);
              assertThat(json(answer).at("/nodes/asked").intValue()).isEqualTo(nodes);
              assertThat(json(answer).at("/nodes/answered").intValue()).isEqualTo(nodes);
            });
  }

  private static String push(String user, String wait, String timeout) {
    return "/v1/channels/user:" + user + "/messages?wait=" + wait + "&timeout=" + timeout;
  }

  private static JsonNode json(HttpResponse<String> answer) {
    return Node.json(answer);
  }
}

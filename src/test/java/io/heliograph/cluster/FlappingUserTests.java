package io.heliograph.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.support.ClientGroup;
import io.heliograph.support.Node;
import io.heliograph.support.PublishingBackend;
import io.heliograph.support.RedisServer;
import io.heliograph.support.ReturningBrowser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Users that switch between two nodes during publishes, a Redis that hangs, dies and comes back,
 * and requests that are repeated ten times: each message takes effect once, and no session is left
 * over. {@code -Dheliograph.test.flap.seconds=1800} is the long version.
 */
@SuppressWarnings("NullAway.Init") // started before the tests
class FlappingUserTests {

  private static final int SECONDS = Integer.getInteger("heliograph.test.flap.seconds", 4);
  private static final Duration SOON = Duration.ofSeconds(60);

  private static RedisServer redis;
  private static Node a;
  private static Node b;
  private static List<Integer> ports;

  @BeforeAll
  static void start() {
    redis = RedisServer.running("--appendonly", "yes", "--appendfsync", "always");
    String[] settings = {"heliograph.redis.head-check=1s", "heliograph.redis.unready-after=500ms"};
    a = Node.on(redis, settings);
    b = Node.on(redis, settings);
    ports = List.of(a.port(), b.port());
    for (Node node : List.of(a, b)) {
      await().atMost(SOON).until(() -> isReady(node));
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
  void usersThatSwitchNodesRepeatedlyMissNothingAndLeaveNothingBehind() {
    Random random = new Random(20261121);
    ScheduledExecutorService unrest = Executors.newSingleThreadScheduledExecutor();
    try (ClientGroup clients = new ClientGroup(() -> ports, Duration.ofMillis(20))) {
      List<ReturningBrowser> users = clients.join(a.backend(), "flap", 8);
      // Each user has a second tab, which stays connected.
      clients.join(a.backend(), "flap", 8, "tab");
      try (PublishingBackend publisher =
          new PublishingBackend(clients, a.backend(), () -> ports, "flap", 1)) {
        publisher.every(Duration.ofMillis(10));
        Future<?> hopping =
            unrest.scheduleWithFixedDelay(
                () -> users.get(random.nextInt(users.size())).hop(), 0, 30, TimeUnit.MILLISECONDS);
        await()
            .atMost(Duration.ofSeconds(SECONDS + 60L))
            .pollDelay(Duration.ofSeconds(SECONDS))
            .until(() -> publisher.pushed() > 50);
        hopping.cancel(false);
        assertThat(publisher.failed()).isZero();
      }
      clients.check(a.backend());
      assertThat(clients.chronicle().losses()).isZero();
      assertThat(users.stream().mapToInt(user -> user.ends().size()).sum()).isGreaterThan(20);
      await().atMost(SOON).untilAsserted(() -> assertThat(sessions()).isEqualTo(16));
    } finally {
      unrest.shutdownNow();
    }
    // With the last session its subscriptions on the nodes and in Redis end.
    await().atMost(SOON).untilAsserted(() -> assertThat(sessions()).isZero());
    await()
        .atMost(SOON)
        .until(
            () ->
                !redis.text("PUBSUB", "SHARDCHANNELS").contains("user:flap")
                    && !redis.text("PUBSUB", "CHANNELS").contains("user:flap"));
  }

  @Test
  void aRequestRepeatedOnBothNodesIsOneMessage() throws Exception {
    Random random = new Random(20261121);
    try (ClientGroup clients = new ClientGroup(() -> ports, Duration.ofMillis(200));
        var executor = Executors.newFixedThreadPool(8)) {
      clients.join(a.backend(), "tenfold", 2);
      List<Future<?>> calls = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        String mark = "ten-" + random.nextInt(20);
        Node node = random.nextBoolean() ? a : b;
        calls.add(
            executor.submit(
                () -> {
                  var answer =
                      node.backend().push("user:tenfold-0", mark, "", "Idempotency-Key", mark);
                  assertThat(answer.status()).isIn(202, 409);
                  if (answer.status() == 202) {
                    clients
                        .chronicle()
                        .answered(
                            mark,
                            "user:tenfold-0",
                            202,
                            answer.text("id"),
                            answer.text("position"));
                  }
                }));
      }
      for (Future<?> call : calls) {
        call.get(60, TimeUnit.SECONDS);
      }
      clients.check(a.backend());
      assertThat(clients.chronicle().taken("tenfold-0")).hasSize(20).doesNotHaveDuplicates();
    }
  }

  @Test
  void lossesAreReportedWhenRedisHangsDiesAndReturns() throws Exception {
    try (ClientGroup clients = new ClientGroup(() -> ports, Duration.ofMillis(200))) {
      clients.join(a.backend(), "down", 6);
      PublishingBackend publisher =
          new PublishingBackend(clients, a.backend(), () -> ports, "down", 2);
      try (publisher) {
        publisher.every(Duration.ofMillis(20));
        await().until(() -> publisher.pushed() > 20);
        redis.signal("STOP");
        await().atMost(SOON).until(() -> publisher.failed() > 0);
        redis.kill();
        await().atMost(SOON).until(() -> !isReady(a) && !isReady(b));
        assertThat(a.manage("/actuator/health/liveness").statusCode()).isEqualTo(200);
        redis.start();
        await().atMost(SOON).until(() -> isReady(a) && isReady(b));
        int again = publisher.pushed();
        await().atMost(SOON).until(() -> publisher.pushed() > again + 20);
      }
      clients.check(a.backend());
      assertThat(clients.browsers()).extracting(ReturningBrowser::ends).allMatch(List::isEmpty);
    }
  }

  @Test
  void allSubscribersGetAGapWhenRedisIsFlushed() {
    try (ClientGroup clients = new ClientGroup(() -> ports, Duration.ofMillis(200))) {
      clients.join(a.backend(), "flushed", 6);
      try (PublishingBackend publisher =
          new PublishingBackend(clients, a.backend(), () -> ports, "flushed", 3)) {
        publisher.push(30);
        redis.command("FLUSHALL");
        publisher.push(30);
        assertThat(publisher.failed()).isZero();
      }
      clients.check(a.backend());
      assertThat(clients.chronicle().losses()).isPositive();
      assertThat(clients.browsers()).extracting(ReturningBrowser::ends).allMatch(List::isEmpty);
      assertThat(sessions()).isEqualTo(6);
    }
  }

  private static double sessions() {
    return a.metric("heliograph_sessions{protocol=\"heliograph\",transport=\"websocket\"}")
        + b.metric("heliograph_sessions{protocol=\"heliograph\",transport=\"websocket\"}");
  }

  private static boolean isReady(Node node) throws Exception {
    return node.manage("/actuator/health/readiness").statusCode() == 200;
  }
}

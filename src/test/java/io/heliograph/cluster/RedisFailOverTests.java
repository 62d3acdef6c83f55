package io.heliograph.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.support.ClientGroup;
import io.heliograph.support.Node;
import io.heliograph.support.PublishingBackend;
import io.heliograph.support.RedisCluster;
import io.heliograph.support.RedisServer;
import io.heliograph.support.ReturningBrowser;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A Redis master dies, with a replica that Sentinel promotes, or in a Redis Cluster without one:
 * publishes continue where possible, and possible losses are reported as gaps.
 */
class RedisFailOverTests {

  private static final Duration SOON = Duration.ofSeconds(60);

  private static final String[] QUICK = {
    "heliograph.broker=redis", "heliograph.redis.head-check=1s", "heliograph.redis.timeout=1s"
  };

  @Test
  void afterASentinelFailOverSubscribersGetAGap() throws Exception {
    try (RedisServer master = RedisServer.running();
        RedisServer replica =
            RedisServer.running("--replicaof", "127.0.0.1", Integer.toString(master.port()))) {
      await().atMost(SOON).until(() -> isReplica(replica));
      try (RedisServer sentinel = RedisServer.sentinelOf(master);
          Node node =
              Node.start(
                  QUICK[0],
                  QUICK[1],
                  QUICK[2],
                  "spring.data.redis.sentinel.master=watched",
                  "spring.data.redis.sentinel.nodes=127.0.0.1:" + sentinel.port())) {
        await().atMost(SOON).until(() -> isReady(node));
        await()
            .atMost(SOON)
            .until(
                () ->
                    sentinel
                        .text("SENTINEL", "REPLICAS", "watched")
                        .contains(Integer.toString(replica.port())));
        List<Integer> ports = List.of(node.port());
        try (ClientGroup clients = new ClientGroup(() -> ports, Duration.ofMillis(200))) {
          clients.join(node.backend(), "sentinel", 5);
          PublishingBackend publisher =
              new PublishingBackend(clients, node.backend(), () -> ports, "over", 1);
          try (publisher) {
            publisher.every(Duration.ofMillis(20));
            await().until(() -> publisher.pushed() > 30);
            master.kill();
            await().atMost(SOON).until(() -> publisher.failed() > 0);
            await().atMost(SOON).until(() -> replica.text("ROLE").startsWith("master"));
            awaitPublishing(publisher);
          }
          clients.check(node.backend());
          assertThat(clients.browsers()).extracting(ReturningBrowser::ends).allMatch(List::isEmpty);
          // The replica may lack the master's last messages, which cannot be determined.
          assertThat(clients.chronicle().losses()).isPositive();
        }
      }
    }
  }

  @Test
  void aRedisClusterWithoutOneMasterServesTheOtherSlots() throws Exception {
    try (RedisCluster cluster = RedisCluster.running();
        Node a = onCluster(cluster);
        Node b = onCluster(cluster)) {
      for (Node node : List.of(a, b)) {
        await().atMost(SOON).until(() -> isReady(node));
      }
      List<Integer> ports = List.of(b.port());
      try (ClientGroup clients = new ClientGroup(() -> ports, Duration.ofMillis(200))) {
        clients.join(a.backend(), "cluster", 9);
        List<Integer> toA = List.of(a.port());
        try (PublishingBackend publisher =
            new PublishingBackend(clients, a.backend(), () -> toA, "before", 1)) {
          publisher.push(40);
          assertThat(publisher.failed()).isZero();
        }
        RedisServer dead = cluster.masterOf("everyone");
        List<String> onDead =
            clients.names().stream().filter(n -> cluster.masterOf("user:" + n) == dead).toList();
        List<String> onOthers = clients.names().stream().filter(n -> !onDead.contains(n)).toList();
        assertThat(onOthers).isNotEmpty();
        dead.save();
        dead.kill();
        await().atMost(SOON).until(() -> a.backend().push("everyone", "x").status() == 503);
        await()
            .atMost(SOON)
            .untilAsserted(
                () -> {
                  for (String name : onOthers) {
                    assertThat(push(clients, a, name, "others-" + System.nanoTime()))
                        .isEqualTo(202);
                  }
                });
        assertThat(a.backend().push("everyone", "y").status()).isEqualTo(503);
        dead.start();
        await()
            .atMost(SOON)
            .until(() -> push(clients, a, null, "again-" + System.nanoTime()) == 202);
        clients.check(a.backend());
        assertThat(clients.browsers()).extracting(ReturningBrowser::ends).allMatch(List::isEmpty);
      }
    }
  }

  private static int push(ClientGroup clients, Node node, @Nullable String name, String mark) {
    String channel = name == null ? "everyone" : "user:" + name;
    // Without an idempotency key, because its entry could be on the dead master.
    var answer = node.backend().push(channel, mark);
    clients
        .chronicle()
        .answered(mark, channel, answer.status(), answer.text("id"), answer.text("position"));
    return answer.status();
  }

  private static Node onCluster(RedisCluster cluster) {
    return Node.start(
        QUICK[0], QUICK[1], QUICK[2], "spring.data.redis.cluster.nodes=" + cluster.addresses());
  }

  private static void awaitPublishing(PublishingBackend publisher) {
    await()
        .atMost(SOON)
        .until(
            () -> {
              int failed = publisher.failed();
              int pushed = publisher.pushed();
              await().atMost(SOON).until(() -> publisher.pushed() > pushed + 20);
              return publisher.failed() == failed;
            });
  }

  private static boolean isReplica(RedisServer server) {
    return server.text("INFO", "replication").contains("master_link_status:up");
  }

  private static boolean isReady(Node node) throws Exception {
    return node.manage("/actuator/health/readiness").statusCode() == 200;
  }
}

package io.heliograph.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.support.ClientGroup;
import io.heliograph.support.NodeProcess;
import io.heliograph.support.PublishingBackend;
import io.heliograph.support.RedisServer;
import io.heliograph.support.ReturningBrowser;
import io.heliograph.support.ReturningBrowser.End;
import io.heliograph.support.TestBackend;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A rolling restart: node processes get SIGTERM one after the other while clients are connected and
 * a backend publishes. Every client gets bye and 1001, no message is lost, and no publish fails
 * (case 73). {@code -Dheliograph.test.drain.clients=1000} is the long version.
 */
@SuppressWarnings("NullAway.Init") // started before the tests
class DrainedNodeTests {

  private static final int CLIENTS = Integer.getInteger("heliograph.test.drain.clients", 60);
  private static final Duration DRAIN = Duration.ofSeconds(3);
  private static final Duration LONG_DRAIN = Duration.ofMinutes(10);

  private static RedisServer redis;
  private static final List<NodeProcess> started = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void start() {
    redis = RedisServer.running();
  }

  @AfterAll
  static void stop() {
    started.forEach(NodeProcess::close);
    if (redis != null) {
      redis.close();
    }
  }

  @Test
  void aRollingReplacementOfAllNodesLosesNoMessage() {
    NodeProcess first = startNode(DRAIN);
    NodeProcess signalledTwice = startNode(LONG_DRAIN);
    NodeProcess last = startNode(DRAIN);
    List<NodeProcess> nodes =
        new CopyOnWriteArrayList<>(List.of(first.awaitStarted(), signalledTwice.awaitStarted()));
    try (ClientGroup clients = new ClientGroup(() -> ports(nodes), Duration.ofMillis(500))) {
      clients.join(first.backend(), "drain", CLIENTS);
      PublishingBackend publisher =
          new PublishingBackend(clients, first.backend(), () -> ports(nodes), "roll", 1);
      try (publisher) {
        publisher.every(Duration.ofMillis(10));
        nodes.add(last.awaitStarted());
        assertDrainsEvenly(first, nodes, clients);
        assertASecondSignalEndsTheDrain(signalledTwice, nodes, clients);
      }
      assertThat(publisher.failed()).isZero();
      assertThat(publisher.pushed()).isPositive();
      clients.check(last.backend());
      assertThat(clients.chronicle().losses()).isZero();
      assertThat(clients.browsers())
          .flatExtracting(ReturningBrowser::ends)
          .isNotEmpty()
          .allMatch(end -> end.saidBye() && end.code() == 1001, "bye, and 1001");
    }
  }

  private static void assertDrainsEvenly(
      NodeProcess node, List<NodeProcess> nodes, ClientGroup clients) {
    List<ReturningBrowser> there = on(node, clients);
    assertThat(there).hasSizeGreaterThan(CLIENTS / 4);
    nodes.remove(node);
    long begin = System.nanoTime();
    node.signal("TERM");
    assertRefusesNewClients(node);
    assertThat(node.await()).isZero();
    Duration took = Duration.ofNanos(System.nanoTime() - begin);
    assertThat(took).isGreaterThan(DRAIN).isLessThan(DRAIN.plusSeconds(30));
    clients.awaitReady();
    List<Long> moments =
        there.stream().map(b -> b.ends().getLast()).map(End::nanoTime).sorted().toList();
    assertThat(moments).hasSameSizeAs(there);
    // The closes are spread: the middle half takes at least a quarter of the drain.
    int quarter = moments.size() / 4;
    assertThat(Duration.ofNanos(moments.get(3 * quarter) - moments.get(quarter)))
        .isGreaterThan(DRAIN.dividedBy(4));
  }

  private static void assertRefusesNewClients(NodeProcess node) {
    TestBackend backend = node.backend();
    await()
        .atMost(Duration.ofSeconds(2))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> backend.get("/readyz").status() == 503);
    TestBackend.Answer upgrade =
        backend.raw(
            "GET /ws",
            "",
            backend.authorization(),
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
    assertThat(upgrade.status()).isEqualTo(503);
    assertThat(upgrade.headers().firstValueAsLong("Retry-After")).isPresent();
  }

  private static void assertASecondSignalEndsTheDrain(
      NodeProcess node, List<NodeProcess> nodes, ClientGroup clients) {
    assertThat(on(node, clients)).isNotEmpty();
    nodes.remove(node);
    node.signal("TERM");
    await().atMost(Duration.ofSeconds(60)).until(() -> node.log().contains("Draining"));
    node.signal("TERM");
    assertThat(node.await()).isZero();
    assertThat(node.log()).contains("Asked again to end");
    clients.awaitReady();
  }

  private static NodeProcess startNode(Duration drain) {
    NodeProcess node =
        NodeProcess.starting(redis, "heliograph.drain.duration=" + drain.toSeconds() + "s");
    started.add(node);
    return node;
  }

  private static List<ReturningBrowser> on(NodeProcess node, ClientGroup clients) {
    return clients.browsers().stream().filter(browser -> browser.port() == node.port()).toList();
  }

  private static List<Integer> ports(List<NodeProcess> nodes) {
    return nodes.stream().map(NodeProcess::port).toList();
  }
}

package io.heliograph.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.heliograph.support.ClientGroup;
import io.heliograph.support.NodeProcess;
import io.heliograph.support.PublishingBackend;
import io.heliograph.support.RedisServer;
import io.heliograph.support.ReturningBrowser;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * {@code kill -9} of a node during publishes: its clients reconnect to another node and get every
 * accepted message. {@code -Dheliograph.test.kill.rounds=50 -Dheliograph.test.kill.clients=1000} is
 * the long version.
 */
@SuppressWarnings("NullAway.Init") // started before the tests
class KilledNodeTests {

  private static final int ROUNDS = Integer.getInteger("heliograph.test.kill.rounds", 3);
  private static final int CLIENTS = Integer.getInteger("heliograph.test.kill.clients", 100);
  private static final long SEED = Long.getLong("heliograph.test.kill.seed", 20261121);

  private static RedisServer redis;
  private static NodeProcess survivor;

  @BeforeAll
  static void start() {
    redis = RedisServer.running();
    survivor = NodeProcess.starting(redis);
  }

  @AfterAll
  static void stop() {
    if (survivor != null) {
      survivor.close();
    }
    if (redis != null) {
      redis.close();
    }
  }

  @Test
  void acceptedMessagesSurviveTheFailureOfTheirNode() {
    Random random = new Random(SEED);
    NodeProcess victim = NodeProcess.starting(redis);
    List<NodeProcess> nodes = new CopyOnWriteArrayList<>(List.of(survivor.awaitStarted()));
    try (ClientGroup clients = crowdOn(nodes)) {
      nodes.add(victim.awaitStarted());
      clients.join(survivor.backend(), "kill", CLIENTS);
      for (int round = 1; round <= ROUNDS; round++) {
        NodeProcess next = round < ROUNDS ? NodeProcess.starting(redis) : null;
        killDuringPublishes(victim, nodes, clients, round, random.nextInt(150));
        if (next != null) {
          victim = next;
          nodes.add(victim.awaitStarted());
          clients.browsers().stream()
              .filter(_ -> random.nextBoolean())
              .forEach(ReturningBrowser::hop);
          clients.awaitReady();
        }
      }
      clients.check(survivor.backend());
      assertThat(clients.chronicle().losses()).as("Redis lost nothing").isZero();
      assertSessionsMatchClients(clients, nodes);
    } finally {
      victim.close();
    }
  }

  private static void killDuringPublishes(
      NodeProcess victim, List<NodeProcess> nodes, ClientGroup clients, int round, int moment) {
    long there = onNode(clients, victim);
    long endsBefore = ends(clients);
    PublishingBackend publisher =
        new PublishingBackend(
            clients, victim.backend(), () -> ports(nodes), "round-" + round, SEED + round);
    try (publisher) {
      publisher.every(Duration.ofMillis(2));
      await().until(() -> publisher.pushed() > 50 + moment);
      victim.kill();
      nodes.remove(victim);
      int after = publisher.pushed();
      await().atMost(Duration.ofSeconds(60)).until(() -> publisher.pushed() > after + 50);
    }
    victim.close();
    clients.awaitReady();
    // The fault took effect: the node's connections broke without a close frame.
    assertThat(there).isPositive();
    assertThat(ends(clients) - endsBefore).isGreaterThanOrEqualTo(there);
    assertThat(onNode(clients, victim)).isZero();
  }

  @Test
  void theTestDetectsABuildThatAnswersBeforeItStores() {
    NodeProcess broken =
        NodeProcess.starting(AnswersBeforeStoring.class.getName(), redis).awaitStarted();
    List<NodeProcess> nodes = new CopyOnWriteArrayList<>(List.of(survivor.awaitStarted(), broken));
    try (ClientGroup clients = crowdOn(nodes)) {
      clients.join(survivor.backend(), "broken", 10);
      try (PublishingBackend publisher =
          new PublishingBackend(
              clients, broken.backend(), () -> List.of(broken.port()), "hasty", SEED)) {
        publisher.push(40);
        broken.kill();
        nodes.remove(broken);
      }
      assertThatThrownBy(() -> clients.check(survivor.backend(), Duration.ofSeconds(1)))
          .hasMessageContaining("I1 accepted and vanished");
    } finally {
      broken.close();
    }
  }

  private static long onNode(ClientGroup clients, NodeProcess node) {
    return clients.browsers().stream().filter(browser -> browser.port() == node.port()).count();
  }

  private static long ends(ClientGroup clients) {
    return clients.browsers().stream().mapToLong(browser -> browser.ends().size()).sum();
  }

  private static ClientGroup crowdOn(List<NodeProcess> nodes) {
    return new ClientGroup(() -> ports(nodes), Duration.ofMillis(500));
  }

  private static List<Integer> ports(List<NodeProcess> nodes) {
    return nodes.stream().map(NodeProcess::port).toList();
  }

  /** Each node has as many sessions as connected clients. */
  private static void assertSessionsMatchClients(ClientGroup clients, List<NodeProcess> nodes) {
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> {
              for (NodeProcess node : nodes) {
                assertThat(
                        node.metric(
                            "heliograph_sessions{protocol=\"heliograph\",transport=\"websocket\"}"))
                    .isEqualTo(onNode(clients, node));
              }
            });
  }
}

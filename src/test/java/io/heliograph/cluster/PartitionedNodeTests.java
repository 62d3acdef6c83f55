package io.heliograph.cluster;

import static io.heliograph.support.FaultyNetwork.Way.TO_CLIENT;
import static io.heliograph.support.FaultyNetwork.Way.TO_SERVER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.support.ClientGroup;
import io.heliograph.support.FaultyNetwork;
import io.heliograph.support.Node;
import io.heliograph.support.PublishingBackend;
import io.heliograph.support.RedisServer;
import io.heliograph.support.ReturningBrowser;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * One node of two is partitioned from Redis, in each way in which a network does that. It refuses
 * publishes, keeps its sessions, and is ready again without a restart; the other node is not
 * affected.
 */
@SuppressWarnings("NullAway.Init") // started before the tests
class PartitionedNodeTests {

  enum Fault {
    CUT(FaultyNetwork::cut),
    SILENT_BOTH_WAYS(line -> network.silence(TO_SERVER, TO_CLIENT)),
    SILENT_TO_REDIS(line -> network.silence(TO_SERVER)),
    SILENT_FROM_REDIS(line -> network.silence(TO_CLIENT)),
    HALF_OF_ALL_RESET(line -> network.resets(0.5, 20261121)),
    TWO_SECONDS_LATE(line -> network.delay(Duration.ofSeconds(2)));

    private final Consumer<FaultyNetwork> begin;

    Fault(Consumer<FaultyNetwork> begin) {
      this.begin = begin;
    }
  }

  private static final Duration SOON = Duration.ofSeconds(60);

  private static RedisServer redis;
  private static FaultyNetwork network;
  private static Node partitioned;
  private static Node healthy;

  private ClientGroup clients;

  @BeforeAll
  static void start() {
    redis = RedisServer.running();
    network = new FaultyNetwork(redis.port());
    String[] settings = {
      "heliograph.redis.head-check=1s",
      "heliograph.redis.unready-after=500ms",
      "heliograph.redis.timeout=1s"
    };
    partitioned = Node.on(network.port(), settings);
    healthy = Node.on(redis, settings);
    for (Node node : List.of(partitioned, healthy)) {
      await().until(() -> isReady(node));
    }
  }

  @AfterAll
  static void stop() {
    for (AutoCloseable each : new AutoCloseable[] {partitioned, healthy, network, redis}) {
      if (each != null) {
        try {
          each.close();
        } catch (Exception e) {
          throw new AssertionError(e);
        }
      }
    }
  }

  @BeforeEach
  void join() {
    List<Integer> ports = List.of(partitioned.port(), healthy.port());
    clients = new ClientGroup(() -> ports, Duration.ofMillis(200));
    clients.join(healthy.backend(), "partitioned" + System.nanoTime(), 10);
  }

  @AfterEach
  void leave() {
    network.mend();
    clients.close();
    await().atMost(SOON).until(() -> isReady(partitioned));
  }

  @ParameterizedTest
  @EnumSource
  void aPartitionedNodeRefusesPublishesAndRecoversWithoutARestart(Fault fault) throws Exception {
    List<Integer> toPartitioned = List.of(partitioned.port());
    List<Integer> toHealthy = List.of(healthy.port());
    PublishingBackend there =
        new PublishingBackend(
            clients, partitioned.backend(), () -> toPartitioned, "there-" + fault, 1);
    PublishingBackend here =
        new PublishingBackend(clients, healthy.backend(), () -> toHealthy, "here-" + fault, 2);
    try (there;
        here) {
      there.every(Duration.ofMillis(20));
      here.every(Duration.ofMillis(20));
      await().until(() -> there.pushed() > 10);

      fault.begin.accept(network);
      await().atMost(SOON).until(() -> there.failed() > 0);
      if (fault != Fault.HALF_OF_ALL_RESET) {
        await().atMost(SOON).until(() -> !isReady(partitioned));
        assertThat(partitioned.manage("/actuator/health/liveness").statusCode()).isEqualTo(200);
        assertThat(partitioned.manage("/actuator/prometheus").body())
            .contains("heliograph_broker_up 0.0");
      }
      assertThat(isReady(healthy)).isTrue();

      network.mend();
      await().atMost(SOON).until(() -> isReady(partitioned));
      int again = there.pushed();
      int failed = there.failed();
      await().atMost(SOON).until(() -> there.pushed() > again + 20);
      await().atMost(SOON).until(() -> there.pushed() - again > 2 * (there.failed() - failed));
    }
    assertThat(here.failed()).as("the other node is not affected").isZero();
    clients.check(healthy.backend());
    assertThat(clients.browsers()).extracting(ReturningBrowser::ends).allMatch(List::isEmpty);
    assertThat(clients.chronicle().losses()).as("Redis lost nothing").isZero();
  }

  /** As behind a firewall that lost its state table: the connections look open but are dead. */
  @Test
  void silentlyDeadConnectionsToRedisAreReplaced() {
    network.forget();
    await()
        .atMost(SOON)
        .until(() -> partitioned.backend().push("topic:nobody", "after").status() == 202);
    // Also with an idempotency key, whose store has its own connection.
    List<Integer> toPartitioned = List.of(partitioned.port());
    try (PublishingBackend publisher =
        new PublishingBackend(
            clients,
            partitioned.backend(),
            () -> toPartitioned,
            "forgotten" + System.nanoTime(),
            3)) {
      await()
          .atMost(SOON)
          .until(
              () -> {
                int failed = publisher.failed();
                publisher.push(1);
                return publisher.failed() == failed;
              });
      publisher.push(20);
    }
  }

  @Test
  void messagesWhoseAnnouncementsAreLostAreReadFromTheLog() {
    network.dropAnnouncements();
    long before = network.dropped();
    List<Integer> toHealthy = List.of(healthy.port());
    try (PublishingBackend publisher =
        new PublishingBackend(
            clients, healthy.backend(), () -> toHealthy, "unheard" + System.nanoTime(), 4)) {
      publisher.push(50);
      assertThat(publisher.failed()).isZero();
    }
    clients.check(healthy.backend());
    assertThat(network.dropped()).isGreaterThan(before);
    assertThat(clients.chronicle().losses()).isZero();
    assertThat(clients.chronicle().accepted()).isEqualTo(50);
  }

  private static boolean isReady(Node node) throws Exception {
    return node.manage("/actuator/health/readiness").statusCode() == 200;
  }
}

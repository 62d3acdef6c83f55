package io.heliograph.cluster;

import static io.heliograph.support.FaultyLine.Way.TO_CLIENT;
import static io.heliograph.support.FaultyLine.Way.TO_SERVER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.support.Crowd;
import io.heliograph.support.FaultyLine;
import io.heliograph.support.Node;
import io.heliograph.support.Publisher;
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
    CUT(FaultyLine::cut),
    SILENT_BOTH_WAYS(line -> line.silence(TO_SERVER, TO_CLIENT)),
    SILENT_TO_REDIS(line -> line.silence(TO_SERVER)),
    SILENT_FROM_REDIS(line -> line.silence(TO_CLIENT)),
    HALF_OF_ALL_RESET(line -> line.resets(0.5, 20261121)),
    TWO_SECONDS_LATE(line -> line.delay(Duration.ofSeconds(2)));

    private final Consumer<FaultyLine> begin;

    Fault(Consumer<FaultyLine> begin) {
      this.begin = begin;
    }
  }

  private static final Duration SOON = Duration.ofSeconds(60);

  private static RedisServer redis;
  private static FaultyLine line;
  private static Node partitioned;
  private static Node healthy;

  private Crowd crowd;

  @BeforeAll
  static void start() {
    redis = RedisServer.running();
    line = new FaultyLine(redis.port());
    String[] settings = {
      "heliograph.redis.head-check=1s",
      "heliograph.redis.unready-after=500ms",
      "heliograph.redis.timeout=1s"
    };
    partitioned = Node.on(line.port(), settings);
    healthy = Node.on(redis, settings);
    for (Node node : List.of(partitioned, healthy)) {
      await().until(() -> isReady(node));
    }
  }

  @AfterAll
  static void stop() {
    for (AutoCloseable each : new AutoCloseable[] {partitioned, healthy, line, redis}) {
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
    crowd = new Crowd(() -> ports, Duration.ofMillis(200));
    crowd.join(healthy.backend(), "partitioned" + System.nanoTime(), 10);
  }

  @AfterEach
  void leave() {
    line.mend();
    crowd.close();
    await().atMost(SOON).until(() -> isReady(partitioned));
  }

  @ParameterizedTest
  @EnumSource
  void aPartitionedNodeRefusesPublishesAndRecoversWithoutARestart(Fault fault) throws Exception {
    List<Integer> toPartitioned = List.of(partitioned.port());
    List<Integer> toHealthy = List.of(healthy.port());
    Publisher there =
        new Publisher(crowd, partitioned.backend(), () -> toPartitioned, "there-" + fault, 1);
    Publisher here = new Publisher(crowd, healthy.backend(), () -> toHealthy, "here-" + fault, 2);
    try (there;
        here) {
      there.every(Duration.ofMillis(20));
      here.every(Duration.ofMillis(20));
      await().until(() -> there.pushed() > 10);

      fault.begin.accept(line);
      await().atMost(SOON).until(() -> there.failed() > 0);
      if (fault != Fault.HALF_OF_ALL_RESET) {
        await().atMost(SOON).until(() -> !isReady(partitioned));
        assertThat(partitioned.manage("/actuator/health/liveness").statusCode()).isEqualTo(200);
        assertThat(partitioned.manage("/actuator/prometheus").body())
            .contains("heliograph_broker_up 0.0");
      }
      assertThat(isReady(healthy)).isTrue();

      line.mend();
      await().atMost(SOON).until(() -> isReady(partitioned));
      int again = there.pushed();
      int failed = there.failed();
      await().atMost(SOON).until(() -> there.pushed() > again + 20);
      await().atMost(SOON).until(() -> there.pushed() - again > 2 * (there.failed() - failed));
    }
    assertThat(here.failed()).as("the other node is not affected").isZero();
    crowd.check(healthy.backend());
    assertThat(crowd.browsers()).extracting(ReturningBrowser::ends).allMatch(List::isEmpty);
    assertThat(crowd.chronicle().losses()).as("Redis lost nothing").isZero();
  }

  /** As behind a firewall that lost its state table: the connections look open but are dead. */
  @Test
  void silentlyDeadConnectionsToRedisAreReplaced() {
    line.forget();
    await()
        .atMost(SOON)
        .until(() -> partitioned.backend().push("topic:nobody", "after").status() == 202);
    // Also with an idempotency key, whose store has its own connection.
    List<Integer> toPartitioned = List.of(partitioned.port());
    try (Publisher publisher =
        new Publisher(
            crowd,
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
    line.dropAnnouncements();
    long before = line.dropped();
    List<Integer> toHealthy = List.of(healthy.port());
    try (Publisher publisher =
        new Publisher(
            crowd, healthy.backend(), () -> toHealthy, "unheard" + System.nanoTime(), 4)) {
      publisher.push(50);
      assertThat(publisher.failed()).isZero();
    }
    crowd.check(healthy.backend());
    assertThat(line.dropped()).isGreaterThan(before);
    assertThat(crowd.chronicle().losses()).isZero();
    assertThat(crowd.chronicle().accepted()).isEqualTo(50);
  }

  private static boolean isReady(Node node) throws Exception {
    return node.manage("/actuator/health/readiness").statusCode() == 200;
  }
}

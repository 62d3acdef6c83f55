package io.heliograph.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.support.ClientGroup;
import io.heliograph.support.Node;
import io.heliograph.support.NodeProcess;
import io.heliograph.support.PublishingBackend;
import io.heliograph.support.RedisServer;
import io.heliograph.support.ReturningBrowser;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A node that is paused, as by a long garbage collection, and resumes when its clients have left.
 */
class PausedNodeTests {

  private static final Duration SOON = Duration.ofSeconds(60);

  @Test
  void aResumedNodeDeliversNothingTwiceAndEndsTheSessionsOfClientsThatLeft() {
    try (RedisServer redis = RedisServer.running();
        NodeProcess paused = NodeProcess.starting(redis);
        Node awake = Node.on(redis)) {
      paused.awaitStarted();
      List<Integer> both = List.of(paused.port(), awake.port());
      List<Integer> toAwake = List.of(awake.port());
      try (ClientGroup clients = new ClientGroup(() -> both, Duration.ofMillis(200))) {
        clients.join(awake.backend(), "paused", 10);
        List<ReturningBrowser> there =
            clients.browsers().stream().filter(each -> each.port() == paused.port()).toList();
        List<ReturningBrowser> leaving = there.subList(0, there.size() / 2);
        PublishingBackend publisher =
            new PublishingBackend(clients, awake.backend(), () -> toAwake, "paused", 1);
        try (publisher) {
          publisher.every(Duration.ofMillis(20));
          await().until(() -> publisher.pushed() > 20);
          paused.signal("STOP");
          int before = publisher.pushed();
          leaving.forEach(ReturningBrowser::hop);
          await().atMost(SOON).until(() -> leaving.stream().allMatch(ReturningBrowser::isReady));
          await().atMost(SOON).until(() -> publisher.pushed() > before + 100);
          paused.signal("CONT");
          int after = publisher.pushed();
          await().atMost(SOON).until(() -> publisher.pushed() > after + 20);
        }
        assertThat(publisher.failed()).isZero();
        clients.check(awake.backend());
        assertThat(clients.chronicle().losses()).isZero();
        assertThat(leaving).isNotEmpty().allMatch(each -> each.port() == awake.port());
        String sessions = "heliograph_sessions{protocol=\"heliograph\",transport=\"websocket\"}";
        await()
            .atMost(SOON)
            .untilAsserted(
                () -> assertThat(paused.metric(sessions)).isEqualTo(there.size() - leaving.size()));
      }
    }
  }
}

package io.heliograph.operate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.support.NodeProcess;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The risk: every pod that a rollout ends counts as one that failed. */
class StopTests {

  @Test
  void aProcessThatIsAskedToStopEndsWithoutAnError() {
    try (NodeProcess node = NodeProcess.alone().awaitStarted()) {
      node.signal("TERM");
      await().atMost(Duration.ofSeconds(30)).until(() -> !node.isAlive());
      assertThat(node.await()).isZero();
    }
  }
}

package io.heliograph.operate;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.support.NodeProcess;
import org.junit.jupiter.api.Test;

/** The risk: every pod that a rollout ends counts as one that failed. */
class StopTests {

  @Test
  void aProcessThatIsAskedToStopEndsWithoutAnError() {
    try (NodeProcess node = NodeProcess.alone().awaitStarted()) {
      node.signal("TERM");
      assertThat(node.await()).isZero();
    }
  }
}

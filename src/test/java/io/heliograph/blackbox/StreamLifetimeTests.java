package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.support.TestStream;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;

/** The risk: a stream whose client has vanished stays for ever, and a silent one looks dead. */
@TestPropertySource(
    properties = {
      "heliograph.session.heartbeat=300ms",
      "heliograph.session.send-timeout=1s",
      "heliograph.session.max-queued-bytes=256KB",
      "heliograph.events.lifetime=2s"
    })
class StreamLifetimeTests extends BlackBox {

  @Test
  void aStreamThatTakesNothingIsCutAndHarmsNobody() {
    String user = fresh("stuck");
    String token = "Authorization: Bearer " + backend.token(user);
    double slow = count("heliograph.closes", "reason", "slow");
    try (TestStream stuck = TestStream.get(port, "/events", token)) {
      stuck.next("welcome");
      stuck.stopsReading();
      String large = "x".repeat(60_000);
      await()
          .until(
              () -> {
                backend.pushAll("user:" + user, large);
                alive();
                return count("heliograph.closes", "reason", "slow") > slow;
              });
    }
  }

  @Test
  void aSilentStreamShowsThatItLivesAndEndsWithItsLifetime() {
    String token = backend.token(fresh("lasting"));
    try (TestStream stream = TestStream.get(port, "/events", "Authorization: Bearer " + token)) {
      stream.next("welcome");
      await().until(() -> stream.comments() > 1);
      assertThat(stream.next("bye").data()).contains("\"lifetime\"").doesNotContain("null");
      assertThat(stream.next("closed").data()).isEqualTo("true");
      assertThat(Integer.parseInt(stream.retry())).isBetween(0, 1000);
    }
  }
}

package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.support.TestStream;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;

/** The risk: a stream whose client has vanished stays for ever, and a silent one looks dead. */
@TestPropertySource(
    properties = {"heliograph.session.heartbeat=300ms", "heliograph.events.lifetime=2s"})
class StreamLifetimeTests extends BlackBox {

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

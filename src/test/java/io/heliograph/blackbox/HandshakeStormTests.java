package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;

/** The risk: who is sent away in a storm stays away, or those who are there notice it. */
@TestPropertySource(properties = "heliograph.websocket.handshakes-per-second=1")
class HandshakeStormTests extends BlackBox {

  @Test
  void theCrowdIsShedAndComesInLaterAndWhoIsThereStays() {
    String user = fresh("early");
    var early = browser.connect(user);
    double shed = count("heliograph.handshakes", "outcome", "shed");
    await()
        .untilAsserted(
            () -> {
              assertThat(browser.refused()).isEqualTo(503);
              assertThat(count("heliograph.handshakes", "outcome", "shed")).isGreaterThan(shed);
            });
    backend.pushAll("user:" + user, "in the storm");
    early.receives("in the storm").thenNothing();
    await().ignoreExceptions().until(() -> browser.connectAnonymously() != null);
  }
}

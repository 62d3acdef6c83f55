package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.hub.HubParts;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;

/** The risk: a dead connection looks alive. */
@TestPropertySource(properties = "heliograph.session.heartbeat=500ms")
class SilentPeerTests extends BlackBox {

  @Autowired HubParts parts;

  /** A session may follow nothing (case 66 of the login's list), but not be silent (case 74). */
  @Test
  void aSilentPeerIsClosedAndNotListedAnyMore() {
    double closes = count("heliograph.closes", "reason", "silent");
    var tab = browser.connectAnonymously().fallsSilent();
    assertThat(tab.byeAndClose("silent", 4408).get("reconnectAfterMs").isNumber()).isTrue();
    await().until(() -> parts.registry().session(tab.session()) == null);
    assertThat(backend.get("/v1/sessions/" + tab.session()).status()).isEqualTo(404);
    assertThat(count("heliograph.closes", "reason", "silent")).isEqualTo(closes + 1);
  }
}

package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.hub.Hub;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;

/** The risk: lines that are dead look alive, or all come back in one second. */
@TestPropertySource(
    properties = {"heliograph.session.heartbeat=150ms", "heliograph.session.lifetime=2s"})
class HeartbeatTests extends BlackBox {

  @Autowired Hub hub;

  /** Case 66, and case 74 on a real line: to follow nothing is allowed, to be silent is not. */
  @Test
  void aSilentPeerIsClosedAndNotListedAnyMore() {
    double closes = count("heliograph.closes", "reason", "silent");
    var tab = browser.connectAnonymously().fallsSilent();
    assertThat(tab.byeAndClose("silent", 4408).get("reconnectAfterMs").isNumber()).isTrue();
    await().until(() -> hub.registry().session(tab.session()) == null);
    assertThat(backend.get("/v1/sessions/" + tab.session()).status()).isEqualTo(404);
    assertThat(count("heliograph.closes", "reason", "silent")).isEqualTo(closes + 1);
  }

  @Test
  void whoAnswersStaysUntilTheLifetimeEndsAndIsToldWhenToComeBack() {
    var tab = browser.connectAnonymously();
    var bye = tab.byeAndClose("lifetime", 1001);
    assertThat(bye.get("reconnectAfterMs").isNumber()).isTrue();
    alive();
  }
}

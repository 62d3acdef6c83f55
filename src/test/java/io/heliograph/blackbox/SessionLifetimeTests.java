package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;

/**
 * The risk: sessions of one node all end in one second. The heartbeat is slow enough that a client
 * on a loaded machine answers in time.
 */
@TestPropertySource(
    properties = {"heliograph.session.heartbeat=5s", "heliograph.session.lifetime=1s"})
class SessionLifetimeTests extends BlackBox {

  @Test
  void aSessionThatAnswersEndsWithItsLifetimeAndLearnsWhenToReconnect() {
    var tab = browser.connectAnonymously();
    var bye = tab.byeAndClose("lifetime", 1001);
    assertThat(bye.get("reconnectAfterMs").isNumber()).isTrue();
    alive();
  }
}

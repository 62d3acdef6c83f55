package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.hub.HubParts;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;

/** The risk: one client takes what is there for all. */
@TestPropertySource(
    properties = {
      "heliograph.session.max-per-address=4",
      "heliograph.session.max-per-node=6",
      "heliograph.session.max-per-user=2",
      "heliograph.session.max-frames-per-second=1"
    })
class LimitsTests extends BlackBox {

  @Autowired HubParts parts;

  @BeforeEach
  void noSessionIsLeft() {
    await().until(() -> parts.registry().size() == 0);
  }

  @Test
  void oneAddressHasItsShareAndTheNextFindsTheNodeFull() {
    for (int i = 0; i < 4; i++) {
      browser.connectAnonymously();
    }
    double tooMany = count("heliograph.handshakes", "outcome", "too_many");
    assertThat(browser.refused()).isEqualTo(429);
    assertThat(count("heliograph.handshakes", "outcome", "too_many")).isEqualTo(tooMany + 1);

    browser.openFrom("127.0.0.2");
    browser.openFrom("127.0.0.2");
    assertThat(browser.refusedFrom("127.0.0.2")).isEqualTo(503);

    browser.close();
    await().until(() -> parts.registry().size() == 0);
    alive();
  }

  @Test
  void oneMoreOfAUserReplacesTheOldest() {
    String user = fresh("tabber");
    var first = browser.connect(user);
    var second = browser.connect(user);
    var third = browser.connect(user);
    assertThat(first.byeAndClose("replaced", 4409).get("reconnectAfterMs").isNull()).isTrue();
    backend.pushAll("user:" + user, "to both");
    second.receives("to both").thenNothing();
    third.receives("to both").thenNothing();
  }

  /** Case 76, with a twentieth of the usual rate: bursts of five seconds' worth are taken. */
  @Test
  void aClientThatSendsTooFastIsClosed() {
    var tab = browser.connectAnonymously();
    for (int i = 0; i < 8; i++) {
      tab.send("{\"type\":\"ping\"}");
    }
    for (int i = 0; i < 5; i++) {
      tab.next("pong");
    }
    assertThat(tab.byeAndClose("too_many", 4429).get("reconnectAfterMs").isNumber()).isTrue();
    alive();
  }
}

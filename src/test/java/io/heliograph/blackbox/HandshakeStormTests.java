package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.support.RawSocket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;

/** The risk: who is sent away in a storm stays away, or those who are there notice it. */
@TestPropertySource(properties = "heliograph.websocket.handshakes-waiting=1")
class HandshakeStormTests extends BlackBox {

  private static final int CROWD = 100;

  @Test
  void excessHandshakesAreRefusedAndComeInLaterAndPresentSessionsStay() {
    String user = fresh("early");
    var early = browser.connect(user);
    double shed = count("heliograph.handshakes", "outcome", "shed");
    await()
        .untilAsserted(
            () -> {
              assertThat(allAtOnce()).containsOnly("101", "503").contains("101", "503");
              assertThat(count("heliograph.handshakes", "outcome", "shed")).isGreaterThan(shed);
            });
    backend.pushAll("user:" + user, "in the storm");
    early.receives("in the storm").thenNothing();
    await().ignoreExceptions().until(() -> browser.connectAnonymously() != null);
  }

  /** What each handshake was answered. */
  private List<String> allAtOnce() {
    List<RawSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < CROWD; i++) {
        sockets.add(RawSocket.connect(port));
      }
      String handshake = RawSocket.handshake("/ws", "Origin: http://localhost:" + port);
      sockets.forEach(
          one -> one.send(handshake.replace("localhost\r", "localhost:" + port + "\r")));
      return sockets.stream().map(one -> one.readHead().substring(9, 12)).toList();
    } finally {
      sockets.forEach(RawSocket::close);
    }
  }
}

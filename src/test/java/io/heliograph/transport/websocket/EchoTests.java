package io.heliograph.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.support.RawFrame;
import io.heliograph.support.RawSocket;
import org.junit.jupiter.api.AfterEach;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Tests against the echo application; whatever a test did, a fresh client is served after it. */
@SpringBootTest(
    classes = EchoApplication.class,
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "spring.config.name=echo",
      "heliograph.websocket.handshake-timeout=700ms",
      "heliograph.websocket.close-timeout=500ms",
      "heliograph.websocket.half-open-per-address=20"
    })
abstract class EchoTests {

  @LocalServerPort int port;

  @AfterEach
  void theServerIsAlive() {
    try (RawSocket fresh = RawSocket.open(port, "/echo")) {
      assertThat(fresh.send(RawFrame.text("alive")).read()).isEqualTo(RawFrame.text("alive"));
    }
  }
}

package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.hub.ConnectionLimits;
import io.heliograph.hub.HubParts;
import io.heliograph.support.Node;
import io.heliograph.support.NodeBrowser;
import io.heliograph.support.RawSocket;
import io.heliograph.support.TestAuthority;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The risk: a connection that ends before its session has begun leaves the session behind, counted
 * against its address for ever.
 */
class GhostTests {

  private static final int CONNECTIONS = 200;
  private static final String[] SETTINGS = {
    "heliograph.session.max-per-address=50", "heliograph.session.heartbeat=1h"
  };

  @Test
  void handshakesThatAreResetAtOnceLeaveNothing() throws Exception {
    try (Node node = Node.start(SETTINGS)) {
      leavesNothing(node, RawSocket::connect, RawSocket::reset);
    }
  }

  @Test
  void handshakesThatAreClosedAtOnceLeaveNothing() throws Exception {
    try (Node node = Node.start(SETTINGS)) {
      leavesNothing(node, RawSocket::connect, RawSocket::close);
    }
  }

  @Test
  void handshakesThatAreHalfClosedAtOnceLeaveNothing() throws Exception {
    try (Node node = Node.start(SETTINGS)) {
      leavesNothing(node, RawSocket::connect, RawSocket::halfClose);
    }
  }

  @Test
  void handshakesOverTlsThatAreResetAtOnceLeaveNothing(@TempDir Path files) throws Exception {
    try (Node node = Node.withTls(TestAuthority.in(files, "node"), SETTINGS)) {
      leave(node, RawSocket::connectTls, "https://localhost", RawSocket::reset);
    }
  }

  private static void leavesNothing(
      Node node, IntFunction<RawSocket> connect, Consumer<RawSocket> end) throws Exception {
    NodeBrowser before = node.browser("before");
    leave(node, connect, "http://localhost", end);
    assertThat(before.isOpen()).isTrue();
    NodeBrowser after = node.browser("after");
    node.push("user:after", "well");
    after.receives("well");
    before.close();
    after.close();
  }

  private static void leave(
      Node node, IntFunction<RawSocket> connect, String origin, Consumer<RawSocket> end) {
    HubParts parts = node.context().getBean(HubParts.class);
    int present = parts.registry().size();
    String handshake =
        RawSocket.handshake(
            "/ws", "Origin: " + origin, "Sec-WebSocket-Protocol: heliograph.v1.json");
    String accepted =
        "heliograph_handshakes_total{outcome=\"accepted\",protocol=\"heliograph\","
            + "transport=\"websocket\"}";
    double acceptedBefore = node.metric(accepted);
    for (int i = 0; i < CONNECTIONS; i++) {
      end.accept(connect.apply(node.port()).send(handshake));
    }
    // The last to come: when it is answered, all before it have been taken up.
    RawSocket last = connect.apply(node.port()).send(handshake);
    assertThat(last.readHead()).startsWith("HTTP/1.1 ");
    last.close();
    assertThat(node.metric(accepted)).as("the attack arrives").isGreaterThan(acceptedBefore);
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(parts.registry().size()).isEqualTo(present));
    assertThat(parts.limits().look("127.0.0.1")).isEqualTo(ConnectionLimits.Room.FREE);
    assertThat(node.metric("heliograph_sessions{protocol=\"heliograph\",transport=\"websocket\"}"))
        .isEqualTo(present);
  }
}

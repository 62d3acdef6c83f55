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
  private static final int PLACES = 50;
  private static final String ADDRESS = "127.0.0.1";
  private static final String FROM_A_PAGE =
      " HTTP/1.1\r\nHost: localhost\r\nOrigin: ORIGIN\r\n\r\n";
  private static final String[] SETTINGS = {
    "heliograph.session.max-per-address=" + PLACES,
    "heliograph.session.heartbeat=1h",
    "heliograph.socketio.enabled=true"
  };

  /** The first bytes of a client on each way in; ORIGIN stands for the page's. */
  private enum Way {
    WEBSOCKET(
        RawSocket.handshake("/ws", "Origin: ORIGIN", "Sec-WebSocket-Protocol: heliograph.v1.json")),
    STOMP(RawSocket.handshake("/stomp", "Origin: ORIGIN", "Sec-WebSocket-Protocol: v12.stomp")),
    SOCKET_IO(RawSocket.handshake("/socket.io/?EIO=4&transport=websocket", "Origin: ORIGIN")),
    STREAM("GET /events" + FROM_A_PAGE),
    POLL("GET /poll?wait=30&since=1.p_ypgzL3.x:1" + FROM_A_PAGE);

    private final String request;

    Way(String request) {
      this.request = request;
    }

    String from(String origin) {
      return request.replace("ORIGIN", origin);
    }
  }

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
    for (Way way : Way.values()) {
      String request = way.from(origin);
      // What is accepted, of any way: each is taken up while nothing of those before is left.
      RawSocket first = connect.apply(node.port()).send(request);
      assertThat(first.readHead()).as("%s arrives", way).matches("(?s)HTTP/1.1 (101|200) .*");
      first.close();
      for (int i = 0; i < CONNECTIONS; i++) {
        end.accept(connect.apply(node.port()).send(request));
      }
      // The last to come: when it is answered, all before it have been taken up.
      RawSocket last = connect.apply(node.port()).send(request);
      assertThat(last.readHead()).startsWith("HTTP/1.1 ");
      last.close();
      await(way.name())
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () -> {
                assertThat(parts.registry().size()).isEqualTo(present);
                assertThat(placesLeft(parts.limits())).isEqualTo(PLACES - present);
              });
    }
  }

  private static int placesLeft(ConnectionLimits limits) {
    int left = 0;
    while (limits.take(ADDRESS) == ConnectionLimits.Room.FREE) {
      left++;
    }
    for (int i = 0; i < left; i++) {
      limits.giveBack(ADDRESS);
    }
    return left;
  }
}

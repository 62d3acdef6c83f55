package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.support.Node;
import io.heliograph.support.RawFrame;
import io.heliograph.support.RawSocket;
import io.heliograph.support.TestAuthority;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The risk: the server shuts the connection right behind its close frame. A client with data under
 * way then loses the code, which says whether and when to come back (RFC 6455, section 7.1.1).
 */
class ClosingHandshakeTests {

  private static final Duration A_WHILE = Duration.ofMillis(300);

  /** How the clients of one test connect. */
  enum Network {
    PLAIN,
    TLS
  }

  @TempDir static Path files;
  private static Node plain = notStarted();
  private static Node tls = notStarted();

  @SuppressWarnings("NullAway") // set before all tests
  private static Node notStarted() {
    return null;
  }

  @BeforeAll
  static void start() throws Exception {
    plain = Node.start("heliograph.websocket.close-timeout=60s", "heliograph.drain.duration=0s");
    tls = Node.withTls(TestAuthority.in(files, "node"), "heliograph.websocket.close-timeout=60s");
  }

  @AfterAll
  static void stop() {
    plain.close();
    tls.close();
  }

  private static RawSocket connect(Network network) {
    RawSocket client =
        switch (network) {
          case PLAIN -> RawSocket.connect(plain.port());
          case TLS -> RawSocket.connectTls(tls.port());
        };
    String origin =
        network == Network.TLS ? "Origin: https://localhost" : "Origin: http://localhost";
    String head = client.send(RawSocket.handshake("/ws", origin)).readHead();
    assertThat(head).startsWith("HTTP/1.1 101 ");
    return client;
  }

  /** The peer takes its time, has more under way, and sees a clean end nevertheless. */
  private static void closesInGoodOrder(RawSocket client, int code) {
    assertThat(client.readToClose()).isEqualTo(code);
    assertThat(client.isQuietFor(A_WHILE)).as("nothing before the peer's close").isTrue();
    client.send(RawFrame.of(RawFrame.TEXT, new byte[64 * 1024]));
    client.send(RawFrame.close(code, ""));
    assertThat(client.endsInGoodOrder()).isTrue();
    client.close();
  }

  @ParameterizedTest
  @EnumSource(Network.class)
  void anIdleSessionThatABackendCloses(Network network) throws Exception {
    RawSocket client = connect(network);
    JsonNode welcome = JsonMapper.shared().readTree(client.read().text());
    Node node = network == Network.PLAIN ? plain : tls;
    node.context()
        .getBean(io.heliograph.hub.HubParts.class)
        .registry()
        .session(welcome.get("session").asString())
        .close(io.heliograph.session.CloseReason.POLICY, Duration.ZERO);
    closesInGoodOrder(client, 1008);
  }

  @ParameterizedTest
  @EnumSource(Network.class)
  void aMessageThatIsTooLarge(Network network) {
    RawSocket client = connect(network);
    client.send(RawFrame.of(RawFrame.TEXT, new byte[1 << 20]));
    closesInGoodOrder(client, 1009);
  }

  @ParameterizedTest
  @EnumSource(Network.class)
  void tooManyPings(Network network) {
    RawSocket client = connect(network);
    var pings = new ByteArrayOutputStream();
    for (int i = 0; i < 200; i++) {
      pings.writeBytes(RawFrame.of(RawFrame.PING, new byte[0]).masked());
    }
    client.send(pings.toByteArray());
    closesInGoodOrder(client, 4429);
  }

  /** After what is no frame nothing can be understood, the peer's close neither. */
  @ParameterizedTest
  @EnumSource(Network.class)
  void whatIsNoFrameEndsTheOutputAtOnce(Network network) {
    RawSocket client = connect(network);
    client.send(new RawFrame(0xF0 | RawFrame.TEXT, new byte[10]));
    assertThat(client.readToClose()).isEqualTo(1002);
    assertThat(client.endsInGoodOrder()).isTrue();
    client.close();
  }

  @ParameterizedTest
  @EnumSource(Network.class)
  void invalidTextEndsTheOutputAtOnce(Network network) {
    RawSocket client = connect(network);
    client.send(RawFrame.of(RawFrame.TEXT, new byte[] {(byte) 0xff}));
    assertThat(client.readToClose()).isEqualTo(1007);
    assertThat(client.endsInGoodOrder()).isTrue();
    client.close();
  }

  @ParameterizedTest
  @EnumSource(Network.class)
  void thePeersOwnCloseIsAnsweredAndEndsTheConnection(Network network) {
    RawSocket client = connect(network);
    client.send(RawFrame.close(1000, "bye"));
    assertThat(client.readToClose()).isEqualTo(1000);
    assertThat(client.endsInGoodOrder()).isTrue();
    client.close();
  }
}

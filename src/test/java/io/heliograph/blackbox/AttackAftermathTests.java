package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.support.NodeProcess;
import io.heliograph.support.RawFrame;
import io.heliograph.support.RawSocket;
import io.heliograph.support.StompTab;
import io.heliograph.support.TestAuthority;
import io.heliograph.support.TestBackend;
import io.heliograph.support.TestBrowser;
import io.heliograph.support.TestStream;
import io.heliograph.support.TestTab;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The risk: an attack that the node survives leaves sessions, file descriptors, threads or memory
 * behind, so that the tenth one stops it. The node is a process of its own, with the default
 * settings, and its figures are those of the operating system.
 */
@TestInstance(Lifecycle.PER_CLASS)
class AttackAftermathTests {

  private static final int CONNECTIONS = 1500;
  private static final int TLS_CONNECTIONS = 300;
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  private static final Pattern CLIENTS =
      Pattern.compile("(?m)^heliograph_(?:sessions\\{.*}|clients_unidentified) (\\S+)$");

  private static final double MANY_DESCRIPTORS = 30;
  private static final double MANY_THREADS = 20;
  private static final double MUCH_HEAP = 12 << 20;

  private static final String POST =
      " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 16000\r\n\r\n";
  private static final String FROM_A_PAGE =
      " HTTP/1.1\r\nHost: localhost\r\nOrigin: ORIGIN\r\n\r\n";
  private static final String UPGRADE =
      RawSocket.handshake("/ws", "Origin: ORIGIN", "Sec-WebSocket-Protocol: heliograph.v1.json");

  private static final String STOMP =
      RawSocket.handshake("/stomp", "Origin: ORIGIN", "Sec-WebSocket-Protocol: v12.stomp");
  private static final String SOCKET_IO_IS_ON = "heliograph.socketio.enabled=true";
  private static final String SOCKET_IO =
      RawSocket.handshake("/socket.io/?EIO=4&transport=websocket", "Origin: ORIGIN");

  /** What each connection sends before it is left alone. */
  enum Attack {
    HALF_A_REQUEST_HEAD("GET /livez HTTP/1.1\r\nHost: loc"),
    A_BODY_THAT_NEVER_COMES("POST /v1/logins" + POST),
    A_BODY_TO_A_REFUSED_REQUEST("POST /v1/channels/topic:a/messages" + POST),
    ANSWERS_THAT_ARE_NOT_READ("GET /heliograph.js HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(50)),
    A_SESSION_THAT_IS_LEFT(UPGRADE),
    A_SESSION_THAT_SENDS_GARBAGE(UPGRADE, RawFrame.of(RawFrame.TEXT, new byte[5000])),
    A_SESSION_THAT_NEVER_ENDS_ITS_MESSAGE(
        UPGRADE,
        RawFrame.fragment(RawFrame.TEXT, "{"),
        RawFrame.fragment(RawFrame.CONTINUATION, ""),
        RawFrame.fragment(RawFrame.CONTINUATION, "")),
    A_STREAM_THAT_IS_LEFT("GET /events" + FROM_A_PAGE),
    A_STREAM_WITH_MORE_BEHIND_ITS_REQUEST("GET /events" + FROM_A_PAGE + "x".repeat(5000)),
    A_STREAM_FROM_NOWHERE(
        "GET /events HTTP/1.0\r\nHost: localhost\r\nOrigin: ORIGIN\r\nLast-Event-ID: "
            + "1.~".repeat(4000)
            + "\r\n\r\n"),
    A_STOMP_CLIENT_THAT_DOES_NOT_CONNECT(STOMP),
    A_STOMP_SESSION_THAT_IS_LEFT(
        STOMP,
        RawFrame.text("CONNECT\naccept-version:1.2\n\n\0"),
        RawFrame.text("SUBSCRIBE\nid:1\ndestination:everyone\n\n\0")),
    A_STOMP_SESSION_THAT_ENDS_NO_FRAME(
        STOMP,
        RawFrame.text("CONNECT\naccept-version:1.2\n\n\0"),
        RawFrame.text("\n".repeat(8000)),
        RawFrame.text("SEND\ndestination:" + "x".repeat(6000))),
    A_SOCKET_IO_CLIENT_THAT_DOES_NOT_CONNECT(SOCKET_IO),
    A_SOCKET_IO_SESSION_THAT_IS_LEFT(SOCKET_IO, RawFrame.text("40")),
    A_SOCKET_IO_SESSION_THAT_SENDS_NOTHING_WITHOUT_END(
        SOCKET_IO,
        IntStream.range(0, 500).mapToObj(_ -> RawFrame.text("6")).toArray(RawFrame[]::new)),
    A_SOCKET_IO_HANDSHAKE_WITHOUT_A_POLL("GET /socket.io/?EIO=4&transport=polling" + FROM_A_PAGE),
    A_FRAME_REQUEST_THAT_NEVER_COMES(
        String.join(
            "\r\n",
            "POST /poll HTTP/1.1",
            "Host: localhost",
            "Origin: ORIGIN",
            "Content-Type: application/x-ndjson",
            "Content-Length: 16000",
            "",
            "")),
    A_POLL_OF_ANOTHER_PAST("GET /poll?wait=30&since=1.p_ypgzL3.x:1" + FROM_A_PAGE),
    A_SESSION_THAT_FLOODS_WITH_PONGS(
        UPGRADE,
        IntStream.range(0, 500)
            .mapToObj(_ -> RawFrame.of(RawFrame.PONG, new byte[0]))
            .toArray(RawFrame[]::new));

    private final String request;
    private final RawFrame[] frames;

    Attack(String request, RawFrame... frames) {
      this.request = request;
      this.frames = frames;
    }

    /** Ends a third of the connections by a reset, a third by a FIN, and leaves a third open. */
    List<RawSocket> run(int connections, String origin, Supplier<RawSocket> connect) {
      List<RawSocket> open = new ArrayList<>();
      for (int i = 0; i < connections; i++) {
        RawSocket socket = connect.get();
        open.add(socket);
        try {
          socket.send(request.replace("ORIGIN", origin));
          if (frames.length > 0) {
            socket.readHead();
            socket.send(frames);
          }
          switch (i % 3) {
            case 0 -> socket.reset();
            case 1 -> socket.halfClose();
            default -> {}
          }
        } catch (UncheckedIOException e) {
          // The node has closed it already.
        }
      }
      return open;
    }
  }

  private NodeProcess plain;
  private NodeProcess tls;

  @BeforeAll
  void start(@TempDir Path files) throws Exception {
    TestAuthority authority = TestAuthority.in(files, "node");
    plain = NodeProcess.alone(SOCKET_IO_IS_ON);
    tls =
        NodeProcess.alone(
            SOCKET_IO_IS_ON,
            "server.ssl.certificate=file:" + authority.certificate(),
            "server.ssl.certificate-private-key=file:" + authority.key(),
            "management.server.ssl.enabled=false");
    plain.awaitStarted();
    tls.awaitStarted();
    // Whatever is loaded or pooled on first use is there before anything is counted.
    for (Attack attack : Attack.values()) {
      attack.run(30, "http://localhost", this::connect).forEach(RawSocket::close);
      attack.run(30, "https://localhost", this::connectTls).forEach(RawSocket::close);
    }
  }

  @AfterAll
  void stop() {
    plain.close();
    tls.close();
  }

  private RawSocket connect() {
    return RawSocket.connect(plain.port());
  }

  private RawSocket connectTls() {
    return RawSocket.connectTls(tls.port());
  }

  @ParameterizedTest
  @EnumSource
  void leavesNothing(Attack attack) {
    TestBackend backend = plain.backend();
    Figures before = Figures.settled(plain);
    String bearer = "Authorization: Bearer " + backend.token("ordinary");
    try (TestBrowser browser = new TestBrowser(backend);
        StompTab stomp = StompTab.connected(plain.port(), backend.token("ordinary"));
        TestStream stream = TestStream.get(plain.port(), "/events", bearer)) {
      TestTab ordinary = browser.connect("ordinary");
      stomp.subscribe("1", "user:ordinary");
      stream.next("welcome");
      List<RawSocket> open = attack.run(CONNECTIONS, "http://localhost", this::connect);
      assertThat(backend.get("/livez").status()).isEqualTo(200);
      assertThat(backend.get("/readyz").status()).isEqualTo(200);
      backend.pushAll("user:ordinary", "during");
      ordinary.receives("during");
      stomp.receives("\"during\"");
      stream.receives("during");
      backend.pushAll("user:fresh", "for a new one");
      browser.connect("fresh").receives("for a new one");
      open.forEach(RawSocket::close);
    }
    Figures.areBack(plain, before);
  }

  /** Without those that end as others do, whatever carries them. */
  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {
        "A_STOMP_CLIENT_THAT_DOES_NOT_CONNECT",
        "A_STOMP_SESSION_THAT_ENDS_NO_FRAME",
        "A_SOCKET_IO_CLIENT_THAT_DOES_NOT_CONNECT",
        "A_SOCKET_IO_SESSION_THAT_SENDS_NOTHING_WITHOUT_END",
        "A_SOCKET_IO_HANDSHAKE_WITHOUT_A_POLL",
        "A_FRAME_REQUEST_THAT_NEVER_COMES"
      })
  void leavesNothingOverTls(Attack attack) {
    Figures before = Figures.settled(tls);
    List<RawSocket> open = attack.run(TLS_CONNECTIONS, "https://localhost", this::connectTls);
    assertThat(tls.management().get("/actuator/health/liveness").status()).isEqualTo(200);
    open.forEach(RawSocket::close);
    Figures.areBack(tls, before);
  }

  private record Figures(double sessions, double descriptors, double threads, double heap) {

    static Figures of(NodeProcess node) {
      return new Figures(
          sessions(node),
          node.metric("process_files_open_files"),
          node.metric("jvm_threads_live_threads"),
          node.liveHeap());
    }

    /** Of all protocols and transports, and clients that have not said who they are. */
    private static double sessions(NodeProcess node) {
      return CLIENTS
          .matcher(node.management().get("/actuator/prometheus").body())
          .results()
          .mapToDouble(line -> Double.parseDouble(line.group(1)))
          .sum();
    }

    /** Once the connections of what was before are gone. */
    static Figures settled(NodeProcess node) {
      await().atMost(PATIENCE).until(() -> of(node).sessions() == 0);
      return of(node);
    }

    static void areBack(NodeProcess node, Figures before) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                Figures after = of(node);
                assertThat(after.sessions()).as("sessions").isZero();
                assertThat(after.descriptors())
                    .as("file descriptors")
                    .isLessThan(before.descriptors() + MANY_DESCRIPTORS);
                assertThat(after.threads())
                    .as("threads")
                    .isLessThan(before.threads() + MANY_THREADS);
                assertThat(after.heap()).as("heap").isLessThan(before.heap() + MUCH_HEAP);
              });
    }
  }
}

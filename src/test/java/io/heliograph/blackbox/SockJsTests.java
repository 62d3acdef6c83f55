package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.support.RawFrame;
import io.heliograph.support.RawSocket;
import io.heliograph.support.TestBackend;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** SockJS below the paths of the WebSocket protocols. */
@TestPropertySource(
    properties = {
      "heliograph.sockjs.enabled=true",
      "heliograph.websocket.allowed-origins=https://shop.example"
    })
class SockJsTests extends BlackBox {

  private static final AtomicInteger SESSIONS = new AtomicInteger();

  private final String user = fresh("sock");

  @AfterEach
  void theServiceIsAsWellAsBefore() {
    alive();
  }

  private RawSocket open(String base) {
    String path = base + "/000/s" + SESSIONS.incrementAndGet() + "/websocket";
    RawSocket line =
        RawSocket.connect(port).send(RawSocket.handshake(path, "Origin: http://localhost"));
    assertThat(line.readHead()).startsWith("HTTP/1.1 101 ");
    assertThat(text(line)).isEqualTo("o");
    return line;
  }

  /** The next text that is no heartbeat; pings are answered. */
  private static String text(RawSocket line) {
    RawFrame frame = line.read();
    while (frame.opcode() == RawFrame.PING || isHeartbeat(frame.text())) {
      if (frame.opcode() == RawFrame.PING) {
        line.send(RawFrame.of(RawFrame.PONG, frame.payload()));
      }
      frame = line.read();
    }
    return frame.opcode() == RawFrame.CLOSE ? "closed " + frame.closeCode() : frame.text();
  }

  private static boolean isHeartbeat(String text) {
    return text.equals("h") || text.equals("a[\"\\u000a\"]");
  }

  private static String payload(RawSocket line) {
    String frame = text(line);
    assertThat(frame).startsWith("a[");
    JsonNode texts = TestBackend.JSON.readTree(frame.substring(1));
    assertThat(texts.size()).isOne();
    return texts.get(0).stringValue();
  }

  private static RawFrame frame(String... texts) {
    return RawFrame.text(TestBackend.JSON.writeValueAsString(texts));
  }

  private String connect() {
    return "CONNECT\naccept-version:1.2\npasscode:" + backend.token(user) + "\n\n\0";
  }

  @ParameterizedTest
  @ValueSource(strings = {"/ws", "/stomp"})
  void aClientLearnsWhatIsServed(String base) {
    var info = backend.get(base + "/info?t=1");
    assertThat(info.status()).isEqualTo(200);
    assertThat(info.headers().firstValue("cache-control").orElse("")).contains("no-store");
    assertThat(info.json().get("websocket").booleanValue()).isTrue();
    assertThat(info.json().get("cookie_needed").booleanValue()).isFalse();
    assertThat(info.json().get("entropy").longValue()).isBetween(0L, 0xffffffffL);
    assertThat(backend.get(base + "/info").json().get("entropy"))
        .isNotEqualTo(info.json().get("entropy"));
    assertThat(backend.get(base).body()).isEqualTo("Welcome to SockJS!\n");
    assertThat(backend.get(base + "/000/abc/xhr_streaming").status()).isEqualTo(404);
    assertThat(backend.post(base + "/info", "{}").status()).isEqualTo(405);
  }

  @Test
  void onlyAllowedPagesLearnIt() {
    var allowed = backend.raw("GET /stomp/info", "", "Origin: https://shop.example");
    assertThat(allowed.status()).isEqualTo(200);
    assertThat(allowed.headers().firstValue("access-control-allow-origin"))
        .contains("https://shop.example");
    assertThat(backend.raw("GET /stomp/info", "", "Origin: https://evil.example").status())
        .isEqualTo(403);
    var preflight =
        backend.raw(
            "OPTIONS /stomp/info",
            "",
            "Origin: https://shop.example",
            "Access-Control-Request-Method: GET");
    assertThat(preflight.headers().firstValue("access-control-max-age")).contains("31536000");
    try (RawSocket line = RawSocket.connect(port)) {
      line.send(RawSocket.handshake("/stomp/000/x/websocket", "Origin: https://evil.example"));
      assertThat(line.readHead()).startsWith("HTTP/1.1 403 ");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/stomp//x/websocket",
        "/stomp/000//websocket",
        "/stomp/0.0/x/websocket",
        "/stomp/000/x.y/websocket",
        "/stomp/000/websocket",
        "/stomp/000/x/y/websocket",
        "/stomp/000/x/websocket/"
      })
  void otherPathsAreNotFound(String path) {
    try (RawSocket line = RawSocket.connect(port)) {
      line.send(RawSocket.handshake(path, "Origin: http://localhost"));
      assertThat(line.readHead()).doesNotStartWith("HTTP/1.1 101 ");
    }
  }

  @Test
  void stompIsSpokenInFrames() {
    try (RawSocket line = open("/stomp")) {
      // All in one message: they are handled one after the other.
      line.send(
          frame(
              connect(),
              "SUBSCRIBE\nid:1\ndestination:/user/queue/a\nreceipt:r1\n\n\0",
              "SUBSCRIBE\nid:2\ndestination:/topic/everyone\nreceipt:r2\n\n\0"));
      assertThat(payload(line)).startsWith("CONNECTED\n").contains("user-name:" + user);
      assertThat(payload(line)).contains("receipt-id:r1");
      assertThat(payload(line)).contains("receipt-id:r2");
      backend.pushAll("user:" + user, "odd \u2028 \uffff \" \\ text");
      assertThat(payload(line))
          .startsWith("MESSAGE\nsubscription:1\n")
          .contains("odd \u2028 \uffff \\\" \\\\ text");
      line.send(frame("DISCONNECT\nreceipt:bye\n\n\0"));
      assertThat(payload(line)).contains("receipt-id:bye");
      assertThat(text(line)).isEqualTo("c[1000,\"closed normally\"]");
      assertThat(text(line)).isEqualTo("closed 1000");
    }
  }

  @Test
  void stompMayBeSpokenRawBelowIt() {
    try (RawSocket line = RawSocket.connect(port)) {
      line.send(RawSocket.handshake("/stomp/websocket", "Origin: http://localhost"));
      assertThat(line.readHead()).startsWith("HTTP/1.1 101 ");
      line.send(RawFrame.text(connect()));
      assertThat(text(line)).startsWith("CONNECTED\n");
    }
  }

  @Test
  void version1IsSpokenInFramesAndTheTokenComesLate() {
    try (RawSocket line = open("/ws")) {
      assertThat(payload(line)).startsWith("{\"type\":\"welcome\"");
      line.send(
          frame(
              "{\"type\":\"auth\",\"id\":1,\"token\":\"" + backend.token(user) + "\"}",
              "{\"type\":\"ping\",\"id\":2}"));
      assertThat(payload(line)).startsWith("{\"type\":\"authenticated\",\"id\":1");
      assertThat(payload(line)).isEqualTo("{\"type\":\"pong\",\"id\":2}");
      backend.pushAll("user:" + user, "hello");
      assertThat(payload(line)).contains("\"data\":\"hello\"");
      line.send(RawFrame.text(""), RawFrame.text("\"{\\\"type\\\":\\\"ping\\\"}\""));
      assertThat(payload(line)).isEqualTo("{\"type\":\"pong\"}");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "broken|4400",
        "[1]|4400",
        "[\"{\"]|4400",
      })
  void whatIsNoFrameIsAnsweredWithACloseFrame(String message, int code) {
    try (RawSocket line = open("/ws")) {
      payload(line);
      line.send(RawFrame.text(message));
      String next = text(line);
      if (next.startsWith("a[")) {
        assertThat(next).contains("bye");
        next = text(line);
      }
      assertThat(next).startsWith("c[" + code + ",\"");
      assertThat(text(line)).isEqualTo("closed " + code);
    }
  }

  @Test
  void whatIsTooLargeIsRefused() {
    String large = "x".repeat(8_193);
    try (RawSocket line = open("/ws")) {
      payload(line);
      line.send(frame(large));
      assertThat(text(line)).startsWith("c[1009,");
    }
    try (RawSocket line = open("/ws")) {
      payload(line);
      line.send(RawFrame.text("[\"" + "x".repeat(20_000) + "\"]"));
      assertThat(text(line)).startsWith("c[1009,");
    }
    try (RawSocket line = open("/stomp")) {
      line.send(frame(large + large));
      assertThat(payload(line)).startsWith("ERROR\nmessage:frame too large\n");
      assertThat(text(line)).startsWith("c[1009,");
    }
  }

  @Test
  void manyTextsInOneMessageAreMany() {
    try (RawSocket line = open("/ws")) {
      payload(line);
      String[] pings = new String[300];
      java.util.Arrays.fill(pings, "{\"type\":\"ping\"}");
      line.send(frame(pings));
      String next = text(line);
      while (next.startsWith("a[\"{\\\"type\\\":\\\"pong")) {
        next = text(line);
      }
      assertThat(next).contains("too_many");
      assertThat(text(line)).startsWith("c[4429,");
    }
  }

  @Test
  void aRefusedTokenIsToldInAFrame() {
    try (RawSocket line = open("/stomp")) {
      line.send(frame("CONNECT\naccept-version:1.2\npasscode:nonsense\n\n\0"));
      assertThat(payload(line)).startsWith("ERROR\nmessage:token refused\n");
      assertThat(text(line)).startsWith("c[4401,");
      assertThat(text(line)).isEqualTo("closed 4401");
    }
  }
}

package io.heliograph.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.support.RawFrame;
import io.heliograph.support.RawSocket;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

class HandshakeTests extends EchoTests {

  private static final String GOOD = RawSocket.handshake("/echo");
  private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

  @Autowired MeterRegistry meters;

  static Stream<Arguments> refusals() {
    return Stream.of(
        refusal("POST", GOOD.replace("GET", "POST"), 405, "method", "Allow: GET"),
        refusal("HTTP/1.0", GOOD.replace("HTTP/1.1", "HTTP/1.0"), 400, "http_version", ""),
        refusal(
            "a plain GET",
            "GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n",
            426,
            "upgrade",
            "Upgrade: websocket"),
        refusal(
            "another upgrade",
            GOOD.replace("Upgrade: websocket", "Upgrade: carrier-pigeon"),
            426,
            "upgrade",
            "Upgrade: websocket"),
        refusal(
            "version 8",
            GOOD.replace("Version: 13", "Version: 8"),
            426,
            "version",
            "Sec-WebSocket-Version: 13"),
        refusal(
            "no version",
            GOOD.replace("Sec-WebSocket-Version: 13\r\n", ""),
            426,
            "version",
            "Sec-WebSocket-Version: 13"),
        refusal(
            "two versions",
            RawSocket.handshake("/echo", "Sec-WebSocket-Version: 13"),
            426,
            "version",
            "Sec-WebSocket-Version: 13"),
        refusal("no key", GOOD.replace("Sec-WebSocket-Key: " + KEY + "\r\n", ""), 400, "key", ""),
        refusal("short key", GOOD.replace(KEY, "c2hvcnQ="), 400, "key", ""),
        refusal("17-byte key", GOOD.replace(KEY, "MDEyMzQ1Njc4OTAxMjM0NTY="), 400, "key", ""),
        refusal("no base64", GOOD.replace(KEY, "!!!!!!!!!!!!!!!!!!!!!!=="), 400, "key", ""),
        refusal(
            "two keys", RawSocket.handshake("/echo", "Sec-WebSocket-Key: " + KEY), 400, "key", ""),
        refusal(
            "a body", RawSocket.handshake("/echo", "Content-Length: 2") + "hi", 400, "body", ""),
        refusal(
            "a chunked body",
            RawSocket.handshake("/echo", "Transfer-Encoding: chunked") + "0\r\n\r\n",
            400,
            "body",
            ""));
  }

  private static Arguments refusal(
      String name, String request, int status, String outcome, String header) {
    return Arguments.argumentSet(name, request, status, outcome, header);
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void isRefusedWithAProblemAndCounted(String request, int status, String outcome, String header) {
    double before = count(outcome);
    try (RawSocket client = RawSocket.connect(port).send(request)) {
      String head = client.readHead();
      assertThat(head).startsWith("HTTP/1.1 " + status + " ").contains(header);
      assertThat(head).containsIgnoringCase("Content-Type: application/problem+json");
      assertThat(client.readBody(head)).contains("\"status\":" + status, "\"type\":\"/problems/");
    }
    assertThat(count(outcome)).isEqualTo(before + 1);
  }

  private double count(String outcome) {
    return meters.get("heliograph.handshakes").tag("outcome", outcome).counters().stream()
        .mapToDouble(Counter::count)
        .sum();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /echo HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHost: \r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHost: a\r\nHost: b\r\nUpgrade: websocket\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n",
        "\u0016\u0003\u0001 this is not HTTP\r\n\r\n"
      })
  void whatIsNoRequestIsRefusedByTheWebServer(String request) {
    try (RawSocket client = RawSocket.connect(port).send(request)) {
      assertThat(client.readHead()).startsWith("HTTP/1.1 400 ");
    }
  }

  @Test
  void oversizedHeadersAreRefused() {
    try (RawSocket client =
        RawSocket.connect(port)
            .send(RawSocket.handshake("/echo", "X-Long: " + "x".repeat(20_000)))) {
      assertThat(client.readHead()).startsWith("HTTP/1.1 431 ");
    }
  }

  @Test
  void theAnswerProvesThatTheKeyWasRead() {
    double before = count("accepted");
    try (RawSocket client = RawSocket.connect(port).send(GOOD)) {
      String head = client.readHead();
      assertThat(head)
          .startsWith("HTTP/1.1 101 ")
          .contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
          .doesNotContain("Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions");
    }
    assertThat(count("accepted")).isEqualTo(before + 1);
  }

  @Test
  void noExtensionIsNegotiated() {
    try (RawSocket client =
        RawSocket.connect(port)
            .send(
                RawSocket.handshake(
                    "/echo", "Sec-WebSocket-Extensions: permessage-deflate; x=1, foo"))) {
      assertThat(client.readHead())
          .startsWith("HTTP/1.1 101 ")
          .doesNotContain("Sec-WebSocket-Extensions");
    }
  }

  static Stream<Arguments> subprotocols() {
    return Stream.of(
        Arguments.of("heliograph.v1.json", "heliograph.v1.json"),
        Arguments.of("other, heliograph.v1.json", "heliograph.v1.json"),
        Arguments.of("bearer.abc, heliograph.v1.json", "heliograph.v1.json"),
        Arguments.of("bearer.abc", ""),
        Arguments.of("Heliograph.V1.Json", ""),
        Arguments.of("unknown, also-unknown", ""));
  }

  @ParameterizedTest
  @MethodSource("subprotocols")
  void theSubprotocolIsOneThatWasAskedForOrNone(String asked, String answered) {
    try (RawSocket client =
        RawSocket.connect(port)
            .send(RawSocket.handshake("/echo", "Sec-WebSocket-Protocol: " + asked))) {
      String head = client.readHead();
      assertThat(head).startsWith("HTTP/1.1 101 ");
      if (answered.isEmpty()) {
        assertThat(head).doesNotContainIgnoringCase("Sec-WebSocket-Protocol");
      } else {
        assertThat(head).contains("Sec-WebSocket-Protocol: " + answered + "\r\n");
      }
    }
  }

  @Test
  void headersMayBeInAnyCaseAndOrder() {
    String request =
        "GET /echo HTTP/1.1\r\nsec-websocket-version:13\r\nCONNECTION: keep-alive, uPGRADE\r\n"
            + "host: localhost\r\nUPGRADE: WebSocket\r\nSEC-WEBSOCKET-KEY: "
            + KEY
            + "\r\n\r\n";
    try (RawSocket client = RawSocket.connect(port).send(request)) {
      assertThat(client.readHead()).startsWith("HTTP/1.1 101 ");
    }
  }

  @Test
  void theHandshakeMayComeByteByByte() {
    try (RawSocket client =
        RawSocket.connect(port).sendByteByByte(GOOD.getBytes(StandardCharsets.US_ASCII))) {
      assertThat(client.readHead()).startsWith("HTTP/1.1 101 ");
      assertThat(client.send(RawFrame.text("a")).read().text()).isEqualTo("a");
    }
  }

  @Test
  void handshakeAndFirstFrameMayShareASegment() {
    byte[] both = join(GOOD.getBytes(StandardCharsets.US_ASCII), RawFrame.text("one").masked());
    try (RawSocket client = RawSocket.connect(port).send(both)) {
      assertThat(client.readHead()).startsWith("HTTP/1.1 101 ");
      assertThat(client.read().text()).isEqualTo("one");
    }
  }

  @Test
  void handshakeAndAFrameAndAHalfMayShareASegment() {
    byte[] two = RawFrame.text("two").masked();
    byte[] first =
        join(
            join(GOOD.getBytes(StandardCharsets.US_ASCII), RawFrame.text("one").masked()),
            Arrays.copyOf(two, 4));
    try (RawSocket client = RawSocket.connect(port).send(first)) {
      assertThat(client.readHead()).startsWith("HTTP/1.1 101 ");
      assertThat(client.read().text()).isEqualTo("one");
      client.send(Arrays.copyOfRange(two, 4, two.length));
      assertThat(client.read().text()).isEqualTo("two");
    }
  }

  @Test
  void aHeadThatTricklesInIsCutByATotalDeadline() {
    double before = count("slow");
    try (RawSocket client = RawSocket.connect(port).send("GET /echo HTTP/1.1\r\nHost: ")) {
      assertThat(client.ends()).isTrue();
    }
    assertThat(count("slow")).isEqualTo(before + 1);
  }

  @Test
  void oneAddressMayHoldOnlySoManyHalfOpenConnections() {
    double before = count("half_open");
    List<RawSocket> clients = new ArrayList<>();
    try {
      for (int i = 0; i < 25; i++) {
        clients.add(RawSocket.connect(port));
      }
      // The last ones are over the cap; the connection that is cut at once need not wait for the
      // deadline.
      assertThat(clients.getLast().ends()).isTrue();
      assertThat(count("half_open")).isGreaterThan(before);
    } finally {
      clients.forEach(RawSocket::close);
    }
    org.awaitility.Awaitility.await().untilAsserted(this::theServerIsAlive);
  }

  @Test
  void nothingOfTheRequestOutlivesTheUpgrade() {
    EchoApplication.requestParts.clear();
    try (RawSocket client = RawSocket.open(port, "/echo")) {
      client.send(RawFrame.text("open")).read();
      assertThat(EchoApplication.requestParts).hasSize(2);
      org.awaitility.Awaitility.await()
          .untilAsserted(
              () -> {
                System.gc();
                assertThat(EchoApplication.requestParts).allMatch(part -> part.get() == null);
              });
      assertThat(client.send(RawFrame.text("still open")).read().text()).isEqualTo("still open");
    }
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}

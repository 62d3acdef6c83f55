package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.hub.HubParts;
import io.heliograph.support.RawFrame;
import io.heliograph.support.RawSocket;
import io.heliograph.support.StompTab;
import io.micrometer.core.instrument.Gauge;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** The risk: a STOMP client's nonsense harms others, is answered twice, or not at all. */
class StompBadInputTests extends BlackBox {

  private static final String CONNECT = "CONNECT\naccept-version:1.2\n\n\0";

  @Autowired HubParts parts;

  @AfterEach
  void nothingIsLeft() {
    alive();
    await()
        .untilAsserted(
            () -> {
              assertThat(meters.get("heliograph.clients.unidentified").gauge().value()).isZero();
              assertThat(
                      meters.find("heliograph.sessions").tag("protocol", "stomp").gauges().stream()
                          .mapToDouble(Gauge::value)
                          .sum())
                  .isZero();
            });
  }

  private double refusals(String reason) {
    return count("heliograph.frames.refused", "reason", reason);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HELLO\n\n\0",
        "MESSAGE\n\n\0",
        "SUBSCRIBE\nid:1\ndestination:everyone\n\n\0",
        "DISCONNECT\n\n\0",
        "CONNECT\naccept-version:2.0\n\n\0",
        "CONNECT\nbroken\n\n\0",
        "\0"
      })
  void nonsenseBeforeTheConnectIsAnsweredAndCounted(String frames) {
    double before = refusals("malformed");
    try (StompTab tab = StompTab.open(port)) {
      StompTab.Frame error = tab.sendText(frames).failsWith(4400);
      assertThat(error.header("message")).isEqualTo("invalid frame");
      assertThat(error.body()).contains("\"status\":400");
    }
    assertThat(refusals("malformed")).isEqualTo(before + 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        CONNECT,
        "STOMP\n\n\0",
        "HELLO\n\n\0",
        "SEND\ncontent-length:x\n\nbody\0",
        "SEND\ndestination\n\n\0",
        "SEND\n\n\0",
        "SUBSCRIBE\ndestination:everyone\n\n\0",
        "SUBSCRIBE\nid:1\n\n\0",
        "SUBSCRIBE\nid:1\ndestination:everyone\nack:never\n\n\0",
        "SUBSCRIBE\nid:a\\tb\ndestination:everyone\n\n\0",
        "SUBSCRIBE\nid:1\ndestination:everyone\n\nbody\0",
        "UNSUBSCRIBE\n\n\0",
        "ACK\n\n\0",
        "\0"
      })
  void nonsenseAfterTheConnectIsAnsweredAndCounted(String frames) {
    double before = refusals("malformed");
    try (StompTab tab = StompTab.connected(port, null)) {
      tab.sendText(frames + "SUBSCRIBE\nid:late\ndestination:everyone\nreceipt:1\n\n\0");
      tab.failsWith(4400);
    }
    assertThat(refusals("malformed")).isEqualTo(before + 1);
  }

  @Test
  void anIdIsUsedOnceAndNotTooLong() {
    try (StompTab tab = StompTab.connected(port, null)) {
      tab.subscribe("1", "everyone");
      tab.send("SUBSCRIBE", "id:1", "destination:everyone");
      assertThat(tab.failsWith(4400).body()).contains("twice");
    }
    try (StompTab tab = StompTab.connected(port, null)) {
      tab.send("SUBSCRIBE", "id:" + "x".repeat(257), "destination:everyone");
      tab.failsWith(4400);
    }
  }

  @ParameterizedTest
  @CsvSource({"BEGIN,transaction:1", "COMMIT,transaction:1", "ABORT,x:1", "ACK,transaction:1"})
  void thereAreNoTransactions(String command, String header) {
    try (StompTab tab = StompTab.connected(port, null)) {
      StompTab.Frame error = tab.send(command, header, "receipt:7").failsWith(4403);
      assertThat(error.header("message")).isEqualTo("no transactions");
      assertThat(error.header("receipt-id")).isEqualTo("7");
    }
  }

  @Test
  void whatIsTooLargeIsAnsweredBeforeTheClose() {
    String large = "SEND\ndestination:/topic/a\n\n" + "x".repeat(8200) + '\0';
    try (StompTab tab = StompTab.connected(port, null)) {
      assertThat(tab.sendText(large).failsWith(1009).body()).contains("max-frame");
    }
    try (StompTab tab = StompTab.open(port)) {
      tab.sendText(large).failsWith(1009);
    }
    // In pieces, each of them small.
    try (StompTab tab = StompTab.connected(port, null)) {
      tab.sendText(large.substring(0, 5_000)).sendText(large.substring(5_000)).failsWith(1009);
    }
    // As it says itself.
    try (StompTab tab = StompTab.connected(port, null)) {
      tab.sendText("SEND\ncontent-length:100000000\n\n").failsWith(1009);
    }
  }

  @Test
  void framesMayBeSplitAtEachByteJoinedOrBinary() {
    String frames =
        CONNECT.replace("\n", "\r\n")
            + "\nSUBSCRIBE\r\nid:1\r\ndestination:everyone\r\nreceipt:r\\c1\r\n\r\n\0\n";
    for (int cut = 1; cut < frames.length(); cut += 3) {
      try (StompTab tab = StompTab.open(port)) {
        tab.sendText(frames.substring(0, cut)).sendText(frames.substring(cut));
        tab.next("CONNECTED");
        assertThat(tab.next("RECEIPT").header("receipt-id")).isEqualTo("r:1");
      }
    }
    try (StompTab tab = StompTab.open(port)) {
      tab.send(RawFrame.of(RawFrame.BINARY, frames.getBytes(StandardCharsets.UTF_8)));
      tab.next("CONNECTED");
      tab.next("RECEIPT");
      tab.sendText("\n").sendText("\r\n").thenNothing();
    }
  }

  @Test
  void aFloodIsEndedBeforeAndAfterTheConnect() {
    try (StompTab tab = StompTab.open(port)) {
      for (int i = 0; i < 400; i++) {
        tab.sendText("\n");
      }
      tab.closesWith(4429);
    }
    // Many frames in one message are many.
    try (StompTab tab = StompTab.connected(port, null)) {
      tab.sendText("NACK\n\n\0".repeat(400));
      tab.closesWith(4429);
    }
  }

  @Test
  void aSilentClientIsClosedAfterTenSeconds() {
    try (StompTab tab = StompTab.open(port)) {
      tab.sendText("CONN");
      StompTab.Frame error = tab.failsWith(4401);
      assertThat(error.header("message")).isEqualTo("token refused");
    }
  }

  @Test
  void aClientThatIsNotAdmittedIsNoSession() {
    int sessions = parts.registry().size();
    double refused = count("heliograph.clients.refused", "reason", "unauthenticated");
    try (StompTab tab = StompTab.connecting(port, "nonsense")) {
      StompTab.Frame error = tab.failsWith(4401);
      assertThat(error.header("message")).isEqualTo("token refused");
      assertThat(error.body()).contains("\"status\":401");
      assertThat(parts.registry().size()).isEqualTo(sessions);
    }
    assertThat(count("heliograph.clients.refused", "reason", "unauthenticated"))
        .isEqualTo(refused + 1);
  }

  @Test
  void aPageOfAnotherOriginIsRefusedAndACallerWithoutOriginNeedsAToken() {
    try (RawSocket line = RawSocket.connect(port)) {
      line.send(RawSocket.handshake("/stomp", "Origin: https://evil.example"));
      assertThat(line.readHead()).startsWith("HTTP/1.1 403 ");
    }
    String token = backend.token(fresh("stomp"));
    try (StompTab tab = StompTab.open(port, "Sec-WebSocket-Protocol: v12.stomp")) {
      tab.send("CONNECT", "accept-version:1.2", "login:any", "passcode:" + token);
      tab.next("CONNECTED");
    }
    try (StompTab tab = StompTab.open(port, "Authorization: Bearer " + token)) {
      tab.send("CONNECT", "accept-version:1.2");
      tab.next("CONNECTED");
    }
    try (StompTab tab = StompTab.open(port, "Sec-WebSocket-Protocol: v12.stomp")) {
      tab.send("CONNECT", "accept-version:1.2");
      assertThat(tab.failsWith(4403).body()).contains("/problems/origin-not-allowed");
    }
  }

  /** Whatever comes: frames, an ERROR and a close, or nothing; and the node goes on. */
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {11, 12, 13})
  void noiseHarmsNoOtherClient(long seed) {
    var random = new Random(seed);
    String good =
        CONNECT
            + "SUBSCRIBE\nid:1\ndestination:everyone\nack:client-individual\nreceipt:1\n\n\0"
            + "ACK\nid:a\\c1~1\n\n\0NACK\nid:1\n\n\0SEND\ndestination:/topic/a\n\n1\0"
            + "UNSUBSCRIBE\nid:1\n\n\0SUBSCRIBE\nid:1\ndestination:/user/queue/a\n\n\0";
    for (int round = 0; round < 60; round++) {
      byte[] noise = good.getBytes(StandardCharsets.UTF_8);
      for (int change = random.nextInt(8); change > 0; change--) {
        noise[random.nextInt(noise.length)] = noise[random.nextInt(noise.length)];
      }
      try (RawSocket line = RawSocket.connect(port)) {
        line.send(RawSocket.handshake("/stomp", "Origin: http://localhost"));
        assertThat(line.readHead()).startsWith("HTTP/1.1 101 ");
        line.send(RawFrame.of(RawFrame.BINARY, noise), RawFrame.close(1000, ""));
        RawFrame frame = line.read();
        while (frame.opcode() != RawFrame.CLOSE) {
          assertThat(frame.opcode()).isIn(RawFrame.TEXT, RawFrame.PING);
          frame = line.read();
        }
        assertThat(frame.closeCode()).isNotEqualTo(1011);
      }
    }
  }
}

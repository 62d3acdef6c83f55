package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.hub.ConnectionLimits;
import io.heliograph.support.EngineClient;
import io.heliograph.support.RawFrame;
import io.heliograph.support.RawSocket;
import io.heliograph.support.TestBackend;
import io.heliograph.transport.engineio.EngineServer;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;

/**
 * The risk: clients of Socket.IO that are broken or hostile cost others their service, or get what
 * is not theirs. Each is answered or closed, and afterwards nothing of it is left.
 */
@TestPropertySource(
    properties = {
      "heliograph.socketio.enabled=true",
      "heliograph.session.send-timeout=1s",
      "heliograph.session.max-per-address=20000",
      "heliograph.server.body-timeout=2s",
      "heliograph.websocket.allowed-origins=https://shop.example"
    })
class SocketIoAttackTests extends BlackBox {

  private static final String PATH = "/socket.io/";
  private static final String POLL = PATH + "?EIO=4&transport=polling";
  private static final String SOCKET = PATH + "?EIO=4&transport=websocket";
  private static final String OWN = "Origin: http://localhost";

  @Autowired EngineServer server;
  @Autowired ConnectionLimits limits;

  @AfterEach
  void theServiceIsAsWellAsBefore() {
    try (EngineClient client = open("")) {
      assertThat(client.next()).startsWith("42[\"welcome\"");
    }
    alive();
  }

  private void nothingIsLeft() {
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(server.pollingSessions()).isZero());
  }

  /** Connected, by polling, from a page of the service's own. */
  private EngineClient open(String auth) {
    EngineClient client = EngineClient.polling(port, PATH, "Origin: http://127.0.0.1:" + port);
    client.next();
    client.send("40" + auth);
    assertThat(client.next()).startsWith("40{");
    return client;
  }

  private TestBackend.Answer get(String query, String... headers) {
    return backend.raw("GET " + query, "", headers);
  }

  private String newSession() {
    TestBackend.Answer opening = get(POLL, OWN);
    assertThat(opening.status()).isEqualTo(200);
    return opening.text("sid");
  }

  private TestBackend.Answer post(String sid, String body) {
    return backend.raw("POST " + POLL + "&sid=" + sid, body, OWN);
  }

  private int handshake(String query, String... headers) {
    try (RawSocket line = RawSocket.connect(port)) {
      String head = line.send(RawSocket.handshake(query, headers)).readHead();
      return Integer.parseInt(head.substring(9, 12));
    }
  }

  // Handshakes ------------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(
      strings = {
        "?transport=polling",
        "?EIO=3&transport=polling",
        "?EIO=4x&transport=polling",
        "?EIO=4",
        "?EIO=4&transport=jsonp",
        "?EIO=4&transport=websocket",
        "?EIO=4&transport=polling&j=0",
        "?EIO=4&EIO=4&transport=polling",
        "?EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAAAAAAAA",
        "?EIO=4&transport=polling&sid=",
        "?EIO=4&transport=polling&sid=%00",
        "?%"
      })
  void whatIsNoHandshakeIsRefusedWithACode(String query) {
    TestBackend.Answer answer = get(PATH + query, OWN);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().get("code").isInt()).isTrue();
    assertThat(answer.json().get("message").stringValue()).isNotBlank();
  }

  @Test
  void anOldClientLearnsThatItsVersionIsNotSpoken() {
    TestBackend.Answer answer = get(PATH + "?EIO=3&transport=polling", OWN);
    assertThat(answer.json().get("code").intValue()).isEqualTo(5);
    assertThat(answer.text("message")).isEqualTo("Unsupported protocol version");
    assertThat(handshake(PATH + "?EIO=3&transport=websocket", OWN)).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "HEAD"})
  void aHandshakeIsAGet(String method) {
    assertThat(backend.raw(method + " " + POLL, "", OWN).status()).isEqualTo(400);
  }

  @Test
  void aForeignPageReachesNothing() {
    String foreign = "Origin: https://evil.example";
    String sid = newSession();
    assertThat(get(POLL, foreign).status()).isEqualTo(403);
    assertThat(handshake(SOCKET, foreign)).isEqualTo(403);
    assertThat(get(POLL + "&sid=" + sid, foreign).status()).isEqualTo(403);
    assertThat(backend.raw("POST " + POLL + "&sid=" + sid, "40", foreign).status()).isEqualTo(403);
    assertThat(handshake(SOCKET + "&sid=" + sid, foreign)).isEqualTo(403);
    TestBackend.Answer preflight =
        backend.raw("OPTIONS " + POLL, "", foreign, "Access-Control-Request-Method: POST");
    assertThat(preflight.status()).isEqualTo(403);
    assertThat(preflight.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
  }

  @Test
  void anAllowedPageMayReadWhatItIsAnswered() {
    String shop = "https://shop.example";
    TestBackend.Answer opening = get(POLL, "Origin: " + shop);
    assertThat(opening.status()).isEqualTo(200);
    assertThat(opening.headers().firstValue("Access-Control-Allow-Origin")).hasValue(shop);
    assertThat(opening.headers().firstValue("Access-Control-Allow-Credentials")).hasValue("true");
    assertThat(opening.headers().allValues("Vary")).contains("Origin");
    TestBackend.Answer preflight =
        backend.raw(
            "OPTIONS " + POLL, "", "Origin: " + shop, "Access-Control-Request-Method: POST");
    assertThat(preflight.status()).isEqualTo(204);
    try (RawSocket poll = RawSocket.connect(port)) {
      poll.send(
          "GET %s&sid=%s HTTP/1.1\r\nHost: localhost\r\nOrigin: %s\r\n\r\n"
              .formatted(POLL, opening.text("sid"), shop));
      assertThat(poll.readHead())
          .startsWith("HTTP/1.1 200 ")
          .contains("Access-Control-Allow-Origin: " + shop);
    }
  }

  @Test
  void theIdOfTheEngineIsASecretAndNoId() {
    try (EngineClient client =
        EngineClient.polling(port, PATH, "Origin: http://127.0.0.1:" + port)) {
      client.next();
      client.send("40");
      assertThat(client.next()).startsWith("40{").doesNotContain(client.sid());
      assertThat(client.next()).doesNotContain(client.sid());
      assertThat(backend.get("/v1/channels/everyone").body()).doesNotContain(client.sid());
    }
  }

  // Identity --------------------------------------------------------------------------------------

  @Test
  void aProgramWithoutATokenIsRefusedInConnect() {
    try (EngineClient client = EngineClient.onSocket(port, PATH)) {
      client.next();
      client.send("40");
      assertThat(client.next()).startsWith("44{\"message\":").contains("\"status\":403");
      assertThat(client.next()).isEqualTo("closed 4403");
    }
  }

  @Test
  void aRefusedTokenIsReportedAndTheConnectionEnds() {
    try (EngineClient client = EngineClient.onSocket(port, PATH, OWN)) {
      client.next();
      client.send("40{\"token\":\"nonsense\"}");
      assertThat(client.next())
          .startsWith("44{\"message\":\"token refused\",\"data\":{\"type\":")
          .contains("\"status\":401");
      assertThat(client.next()).isEqualTo("closed 4401");
    }
  }

  @Test
  void theTokenOfTheHandshakeCountsWhereConnectHasNone() {
    String user = fresh("early");
    try (EngineClient client =
        EngineClient.onSocket(port, PATH, "Authorization: Bearer " + backend.token(user))) {
      client.next();
      client.send("40");
      assertThat(client.next()).startsWith("40{");
      assertThat(client.next()).contains("\"user\":\"" + user + "\"");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"positions\":7}",
        "{\"positions\":{\"topic:a\":7}}",
        "{\"positions\":{\"topic:a\":\"nowhere\"}}",
        "{\"positions\":{\"a channel\":\"e:1\"}}",
        "{\"channels\":\"topic:a\"}",
        "{\"channels\":[7]}",
        "{\"channels\":[\"topic:not-mine\"]}",
        "{\"channels\":[\"user:somebody\"]}",
        "{\"channels\":[\"login:AAAAAAAAAAAAAAAAAAAAAA\"]}",
        "{\"token\":7}",
        "{\"pid\":[]}"
      })
  void aConnectThatAsksForWhatCannotBeIsRefused(String auth) {
    try (EngineClient client = EngineClient.onSocket(port, PATH, OWN)) {
      client.next();
      client.send("40" + auth);
      assertThat(client.next()).startsWith("44{\"message\":");
      assertThat(client.next()).isEqualTo("closed 4403");
    }
  }

  @Test
  void theSessionOfAnotherUserIsNotRecoveredWithItsPrivateId() {
    String topic = "topic:" + fresh("private");
    String connected;
    try (EngineClient victim =
        open("{\"token\":\"" + backend.token(fresh("victim"), topic) + "\"}")) {
      victim.next();
      connected = TestBackend.JSON.readTree(connect(victim)).path("pid").asString("none");
    }
    try (EngineClient thief =
        open(
            "{\"token\":\"%s\",\"pid\":\"%s\",\"offset\":\"start\"}"
                .formatted(backend.token(fresh("thief")), connected))) {
      assertThat(thief.next()).contains("\"recovered\":false").doesNotContain(topic);
    }
  }

  /** Of a client that has shown its packets already. */
  private static String connect(EngineClient client) {
    return client.connected().substring(2);
  }

  @Test
  void aSilentClientIsRefusedAndHasNoSession() {
    double refused = count("heliograph.clients.refused", "reason", "unauthenticated");
    double ended = count("heliograph.closes", "reason", "token");
    try (EngineClient client = EngineClient.onSocket(port, PATH, OWN)) {
      client.next();
      assertThat(client.next()).isEqualTo("closed 4401");
    }
    assertThat(count("heliograph.clients.refused", "reason", "unauthenticated"))
        .isEqualTo(refused + 1);
    assertThat(count("heliograph.closes", "reason", "token")).isEqualTo(ended);
  }

  @Test
  void aClientThatSendsWithoutEndBeforeConnectIsClosed() {
    try (EngineClient client = EngineClient.onSocket(port, PATH, OWN)) {
      client.next();
      String last = "";
      for (int i = 0; i < 400; i++) {
        try {
          client.send("3");
        } catch (UncheckedIOException e) {
          // It was closed meanwhile.
        }
      }
      while (!last.startsWith("closed")) {
        last = client.next();
      }
      assertThat(last).isIn("closed 4429", "closed 1006");
    }
  }

  // Packets ---------------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(
      strings = {
        "4",
        "49",
        "4abc",
        "42",
        "42{}",
        "42[]",
        "42[7]",
        "42[\"ping\"",
        "42abc[\"ping\"]",
        "4212345678901234567[\"ping\"]",
        "43[]",
        "44{}",
        "40",
        "0",
        "2",
        "5",
        "x"
      })
  void whatIsNoPacketEndsTheSessionForGood(String packet) {
    try (EngineClient client = connectedSocket()) {
      client.send(packet);
      assertThat(client.next()).startsWith("42[\"bye\",").contains("\"reason\":\"bad_frame\"");
      assertThat(client.next()).isEqualTo("41");
      assertThat(client.next()).isEqualTo("closed 4400");
    }
  }

  @Test
  void binaryDataEndsTheSessionForGood() {
    try (EngineClient client = connectedSocket()) {
      client.send("451-[\"event\",{\"_placeholder\":true,\"num\":0}]");
      assertThat(client.next()).contains("\"reason\":\"forbidden\"");
      assertThat(client.next()).isEqualTo("41");
      assertThat(client.next()).isEqualTo("closed 4403");
    }
  }

  private EngineClient connectedSocket() {
    EngineClient client = EngineClient.onSocket(port, PATH, OWN);
    client.next();
    client.send("40");
    assertThat(client.next()).startsWith("40{");
    assertThat(client.next()).startsWith("42[\"welcome\"");
    return client;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "42[\"subscribe\"]",
        "42[\"subscribe\",7]",
        "42[\"subscribe\",\"nowhere\"]",
        "42[\"subscribe\",\"topic:a\",7]",
        "42[\"subscribe\",\"topic:a\",{\"sinse\":\"e:1\"}]",
        "42[\"subscribe\",\"topic:a\",{\"since\":\"x\"}]",
        "42[\"subscribe\",\"topic:a\",{},1]",
        "42[\"unsubscribe\",\"topic:a\",1]",
        "42[\"ack\",\"topic:a\"]",
        "42[\"auth\"]",
        "42[\"auth\",{}]",
        "42[\"publish\",\"topic:a\",\"e\"]",
        "42[\"order.cancel\",1,{},2]"
      })
  void anEventThatCannotBeIsAProblemAndTheSessionStays(String packet) {
    try (EngineClient client = connectedSocket()) {
      client.send(packet);
      assertThat(client.next()).startsWith("42[\"problem\",").contains("\"status\":400");
      client.send("4217" + packet.substring(2));
      assertThat(client.next()).startsWith("4317[").contains("\"status\":400");
      client.send("421[\"ping\"]");
      assertThat(client.next()).isEqualTo("431[{\"type\":\"pong\"}]");
    }
  }

  @Test
  void otherNamespacesAreInvalidAtAnyTime() {
    try (EngineClient client = EngineClient.onSocket(port, PATH, OWN)) {
      client.next();
      client.send("40/admin,");
      client.send("40/custom,{\"token\":\"x\"}");
      assertThat(client.next()).isEqualTo("44/admin,{\"message\":\"Invalid namespace\"}");
      assertThat(client.next()).isEqualTo("44/custom,{\"message\":\"Invalid namespace\"}");
      client.send("40");
      client.next();
      client.next();
      client.send("40/later,");
      assertThat(client.next()).isEqualTo("44/later,{\"message\":\"Invalid namespace\"}");
    }
  }

  @Test
  void aSocketMayNotSendMoreThanItsLimit() {
    try (EngineClient client = connectedSocket()) {
      client.send("42[\"ping\",\"" + "x".repeat(9_000) + "\"]");
      assertThat(client.next()).startsWith("42[\"bye\",").contains("\"reason\":\"too_big\"");
      assertThat(client.next()).isEqualTo("41");
      assertThat(client.next()).isEqualTo("closed 1009");
    }
  }

  // Polls and posts -------------------------------------------------------------------------------

  @Test
  void aPostMayNotBeLargerThanItsLimitAnnouncedOrNot() {
    String sid = newSession();
    assertThat(post(sid, "4" + "x".repeat(9_000)).status()).isEqualTo(413);
    String other = newSession();
    try (RawSocket line = RawSocket.connect(port)) {
      line.send(head("POST", other, "Transfer-Encoding: chunked"));
      line.send("2400\r\n" + "x".repeat(0x2400) + "\r\n0\r\n\r\n");
      assertThat(line.readHead()).startsWith("HTTP/1.1 413 ");
    }
    for (String ended : List.of(sid, other)) {
      TestBackend.Answer poll = get(POLL + "&sid=" + ended, OWN);
      assertThat(poll.body()).isEqualTo("1");
      assertThat(get(POLL + "&sid=" + ended, OWN).status()).isEqualTo(400);
    }
  }

  private static String head(String method, String sid, String... headers) {
    return "%s %s&sid=%s HTTP/1.1\r\nHost: localhost\r\n%s\r\n%s\r\n\r\n"
        .formatted(method, POLL, sid, OWN, String.join("\r\n", headers));
  }

  @Test
  void aPostThatNeverEndsKeepsNothing() {
    List<RawSocket> lines = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      RawSocket line = RawSocket.connect(port);
      line.send(head("POST", newSession(), "Content-Length: 100") + "4hel");
      lines.add(line);
    }
    for (RawSocket line : lines) {
      assertThat(line.readHead()).startsWith("HTTP/1.1 4");
      line.close();
    }
    nothingIsLeft();
  }

  @Test
  void invalidTextEndsTheSession() {
    String sid = newSession();
    try (RawSocket line = RawSocket.connect(port)) {
      line.send(head("POST", sid, "Content-Length: 3"));
      line.send(new byte[] {'4', (byte) 0xc0, (byte) 0x80});
      assertThat(line.readHead()).startsWith("HTTP/1.1 400 ");
    }
    assertThat(get(POLL + "&sid=" + sid, OWN).body()).isEqualTo("1");
  }

  @Test
  void aSecondPollEndsBoth() {
    String sid = newSession();
    try (RawSocket first = RawSocket.connect(port)) {
      first.send(head("GET", sid));
      assertThat(first.readHead()).startsWith("HTTP/1.1 200 ");
      assertThat(get(POLL + "&sid=" + sid, OWN).status()).isEqualTo(400);
      assertThat(first.readRest()).contains("1");
    }
    assertThat(get(POLL + "&sid=" + sid, OWN).json().get("code").intValue()).isEqualTo(1);
  }

  @Test
  void aPollThatIsGoneIsSeenAtOnce() {
    String sid = newSession();
    try (RawSocket poll = RawSocket.connect(port)) {
      poll.send(head("GET", sid));
      assertThat(poll.readHead()).startsWith("HTTP/1.1 200 ");
    }
    nothingIsLeft();
  }

  @Test
  void aPollIsAnsweredToHttp10Too() {
    String sid = newSession();
    try (RawSocket poll = RawSocket.connect(port)) {
      poll.send(
          "GET %s&sid=%s HTTP/1.0\r\nHost: localhost\r\n%s\r\n\r\n".formatted(POLL, sid, OWN));
      assertThat(poll.readHead()).startsWith("HTTP/1.1 200 ").doesNotContain("chunked");
      post(sid, "40");
      assertThat(poll.readRest()).startsWith("40{");
    }
  }

  @Test
  void tenThousandAbandonedPollersAreGoneAndTheirPlacesFree() {
    int count = 10_000;
    try (RawSocket line = RawSocket.connect(port)) {
      String request = "GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n\r\n".formatted(POLL, OWN);
      for (int i = 0; i < count; i++) {
        line.send(request);
        String head = line.readHead();
        assertThat(head).startsWith("HTTP/1.1 200 ");
        line.readBody(head);
      }
    }
    nothingIsLeft();
    for (int i = 0; i < 20_000; i++) {
      assertThat(limits.take("127.0.0.1")).isEqualTo(ConnectionLimits.Room.FREE);
    }
    for (int i = 0; i < 20_000; i++) {
      limits.giveBack("127.0.0.1");
    }
  }

  // Upgrades --------------------------------------------------------------------------------------

  @Test
  void anUpgradeOfNoSessionIsCut() {
    try (RawSocket line = RawSocket.connect(port)) {
      line.send(RawSocket.handshake(SOCKET + "&sid=AAAAAAAAAAAAAAAAAAAAAA", OWN));
      assertThat(line.readHead()).startsWith("HTTP/1.1 101 ");
      assertThat(line.ends()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"5", "3", "40", "2", "2probe 2probe", "2probe 40"})
  void aSocketThatDoesNotUpgradeLeavesTheSessionWithPolling(String packets) {
    try (EngineClient client = open("");
        RawSocket line = RawSocket.connect(port)) {
      client.next();
      line.send(RawSocket.handshake(SOCKET + "&sid=" + client.sid(), OWN));
      assertThat(line.readHead()).startsWith("HTTP/1.1 101 ");
      for (String packet : packets.split(" ")) {
        line.send(RawFrame.text(packet));
      }
      assertThat(line.readToClose()).isEqualTo(4400);
      client.send("421[\"ping\"]");
      assertThat(client.next()).isEqualTo("431[{\"type\":\"pong\"}]");
    }
  }

  // Anything --------------------------------------------------------------------------------------

  static LongStream seeds() {
    return LongStream.range(0, 40);
  }

  /** Pieces of real packets in the wrong places. */
  private static String anything(Random random) {
    String[] pieces = {
      "0",
      "1",
      "2",
      "3",
      "4",
      "40",
      "41",
      "42",
      "43",
      "44",
      "45",
      "46",
      "5",
      "6",
      "2probe",
      "b",
      "bAQID",
      "[",
      "]",
      "{",
      "}",
      "\"",
      "\"ping\"",
      "\"subscribe\"",
      "\"topic:a\"",
      "\"ack\"",
      "\"auth\"",
      "{\"token\":\"x\"}",
      ",",
      "/",
      "/admin,",
      "17",
      "-",
      "\u001e",
      "null",
      "\\u0000",
      "{\"since\":\"e:1\"}",
      "[\"ping\"]",
      "é",
      "𐍈"
    };
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(12);
    for (int i = 0; i < length; i++) {
      text.append(pieces[random.nextInt(pieces.length)]);
    }
    return text.toString();
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void anythingOnASocketIsAnsweredOrClosed(long seed) {
    Random random = new Random(seed);
    try (RawSocket line = RawSocket.connect(port)) {
      line.send(RawSocket.handshake(SOCKET, OWN));
      assertThat(line.readHead()).startsWith("HTTP/1.1 101 ");
      if (random.nextBoolean()) {
        line.send(RawFrame.text("40"));
      }
      try {
        for (int i = 0; i < 40; i++) {
          line.send(
              random.nextInt(10) == 0
                  ? RawFrame.of(RawFrame.BINARY, new byte[random.nextInt(200)])
                  : RawFrame.text(anything(random)));
        }
        line.send(RawFrame.close(1000, ""));
        line.readToClose();
      } catch (UncheckedIOException e) {
        // Closed before all was sent.
      }
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void anythingInAPostIsAnswered(long seed) {
    Random random = new Random(seed);
    String sid = newSession();
    if (random.nextBoolean()) {
      post(sid, "40");
    }
    for (int i = 0; i < 12; i++) {
      String body = random.nextInt(10) == 0 ? bytes(random) : anything(random);
      assertThat(post(sid, body).status()).isIn(200, 400, 413);
    }
  }

  private static String bytes(Random random) {
    byte[] bytes = new byte[random.nextInt(10_000)];
    random.nextBytes(bytes);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}

package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.support.LogScan;
import io.heliograph.support.RawFrame;
import io.heliograph.support.RawSocket;
import io.heliograph.support.TestTab;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The risk: input that no client should send is answered with silence, with a stack trace, or with
 * a service that ails.
 */
class BadInputTests extends BlackBox {

  private static final String PUSH = "POST /v1/channels/user:bad/messages";
  private static final String JSON = "Content-Type: application/json";

  @AfterEach
  void theServiceIsAsWellAsBefore() {
    alive();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Case 65.
        "https://evil.example",
        "null",
        "http://localhost.evil.example",
        "http://localhost:1"
      })
  void aPageOfAnotherOriginIsRefusedAndCounted(String origin) {
    double refused = count("heliograph.handshakes", "outcome", "origin");
    assertThat(browser.refused("Origin: " + origin)).isEqualTo(403);
    assertThat(count("heliograph.handshakes", "outcome", "origin")).isEqualTo(refused + 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Origin: https://evil.example", "Sec-WebSocket-Version: 12", "Upgrade: h2c"})
  void aRefusedHandshakeSaysWhyAndWhereThatIsExplained(String header) {
    var refused = backend.raw("GET /ws", "", header);
    assertThat(refused.text("detail")).isNotEmpty();
    assertThat(refused.text("instance")).startsWith("urn:uuid:");
    var page = backend.get(refused.text("type"));
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.json().path("status").asInt()).isEqualTo(refused.status());
  }

  @Test
  void withoutAKeyOrWithAWrongOneNothingIsPublished() {
    assertThat(backend.raw(PUSH, "{\"data\":1}", JSON).status()).isEqualTo(401);
    String wrong = LogScan.secret("Wrong0Key1Wrong2Key3Wrong4Key5Wr");
    assertThat(backend.withKey(wrong).push("user:bad", "x").status()).isEqualTo(401);
  }

  @Test
  void aKeyWithoutTheScopeIsForbidden() {
    var watcher = backend.withKey(SESSIONS_ONLY_KEY);
    var answer = watcher.push("user:bad", "x");
    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.text("detail")).contains("push");
    assertThat(watcher.get("/v1/channels/everyone").status()).isEqualTo(200);
  }

  static Stream<Arguments> channels() {
    return Stream.of(
        Arguments.of("unknown kind", "queue:a"),
        Arguments.of("no kind", "alice"),
        Arguments.of("empty id", "user:"),
        Arguments.of("empty topic", "topic:"),
        Arguments.of("everyone with an id", "everyone:x"),
        Arguments.of("upper-case kind", "USER:a"),
        Arguments.of("10,000 characters", "user:" + "a".repeat(10_000)),
        Arguments.of("129 characters", "user:" + "a".repeat(129)),
        Arguments.of("brace", "user:{a}"),
        Arguments.of("encoded brace", "user:%7Ba%7D"),
        Arguments.of("asterisk", "user:*"),
        Arguments.of("control character", "user:a%0Ab"),
        Arguments.of("NUL", "user:a%00"),
        Arguments.of("non-ASCII, encoded", "user:%C3%A9"),
        Arguments.of("broken UTF-8", "user:%FF"),
        Arguments.of("broken encoding", "user:%zz"),
        Arguments.of("encoded slash", "user:a%2Fb"),
        Arguments.of("encoded percent", "user:a%252Fb"),
        Arguments.of("semicolon", "user:a;b=c"),
        Arguments.of("short session id", "session:abc"),
        Arguments.of("a login's channel", "login:AAAAAAAAAAAAAAAAAAAAAA"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("channels")
  void aChannelThatIsNoneIsABadRequest(String what, String channel) {
    var answer =
        backend.raw(
            "POST /v1/channels/" + channel + "/messages",
            "{\"data\":1}",
            JSON,
            backend.authorization());
    assertThat(answer.status()).as(what).isEqualTo(400);
    assertThat(answer.text("type")).isEqualTo("/problems/invalid-request");
    assertThat(answer.body()).doesNotContain("Exception").doesNotContain("jetty");
  }

  static Stream<Arguments> bodies() {
    return Stream.of(
        Arguments.of("a megabyte", "{\"data\":\"" + "x".repeat(1_048_576) + "\"}", 413),
        Arguments.of("empty", "", 400),
        Arguments.of("not JSON", "hello", 400),
        Arguments.of("half", "{\"data\":", 400),
        Arguments.of("an array", "[1]", 400),
        Arguments.of("null", "null", 400),
        Arguments.of("two values", "{\"data\":1} {\"data\":2}", 400),
        Arguments.of("no data", "{\"event\":\"a\"}", 400),
        Arguments.of(
            "depth of 10,000", "{\"data\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}", 400),
        Arguments.of("a key twice", "{\"data\":1,\"data\":2}", 400),
        Arguments.of("a key twice, inside", "{\"data\":{\"a\":1,\"a\":2}}", 400),
        Arguments.of("a lone surrogate", "{\"data\":\"\\ud800\"}", 400),
        Arguments.of("a lone surrogate in a name", "{\"data\":{\"\\udc00\":1}}", 400),
        Arguments.of("a number of 1,000 digits", "{\"data\":" + "9".repeat(1_000) + "}", 400),
        Arguments.of("an event with a blank", "{\"data\":1,\"event\":\"a b\"}", 400),
        Arguments.of(
            "an event of 65 characters", "{\"data\":1,\"event\":\"" + "e".repeat(65) + "\"}", 400),
        Arguments.of("a number for the event", "{\"data\":1,\"event\":7}", 400),
        Arguments.of("a key with a brace", "{\"data\":1,\"key\":\"{k}\"}", 400),
        Arguments.of("no ttl at all", "{\"data\":1,\"ttl\":0}", 400),
        Arguments.of("a ttl in the past", "{\"data\":1,\"ttl\":\"-5s\"}", 400),
        Arguments.of("a ttl of a century", "{\"data\":1,\"ttl\":\"36500d\"}", 400),
        Arguments.of("a ttl past every calendar", "{\"data\":1,\"ttl\":9223372036854775807}", 400),
        Arguments.of("a ttl that is none", "{\"data\":1,\"ttl\":\"soon\"}", 400),
        Arguments.of("a ttl that is a list", "{\"data\":1,\"ttl\":[1]}", 400));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bodies")
  void aBodyThatIsNoMessageIsRefused(String what, String body, int status) {
    var answer = backend.raw(PUSH, body, JSON, backend.authorization());
    assertThat(answer.status()).as(what).isEqualTo(status);
    assertThat(answer.json().get("status").intValue()).isEqualTo(status);
    assertThat(answer.body()).doesNotContain("Exception").doesNotContain("jackson");
  }

  @Test
  void anotherContentTypeIsNotTaken() {
    assertThat(
            backend
                .raw(PUSH, "data=1", "Content-Type: text/plain", backend.authorization())
                .status())
        .isEqualTo(415);
    assertThat(backend.raw(PUSH, "{\"data\":1}", backend.authorization()).status()).isEqualTo(415);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "wait=maybe",
        "wait=acked&timeout=31s",
        "wait=acked&timeout=-1s",
        "timeout=x",
        "timeout="
      })
  void aParameterThatBreaksItsRuleIsNamed(String query) {
    var answer = backend.push("user:bad", "x", query);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text("detail")).contains(query.contains("maybe") ? "wait" : "timeout");
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/sessions?limit=0",
    "/v1/sessions?limit=1001",
    "/v1/sessions?limit=x",
    "/v1/sessions?cursor=x",
    "/v1/sessions?user=*",
    "/v1/sessions?channel=x",
    "/v1/channels/everyone/messages?limit=0",
    "/v1/channels/everyone/messages?since=x"
  })
  void aQueryThatBreaksItsRuleIsRefused(String path) {
    assertThat(backend.get(path).status()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}", "{\"user\":\"{a}\"}", "{\"channels\":[\"nope\"]}", "{\"user\":\"a\",\"ttl\":\"25h\"}",
        "{\"user\":\"a\",\"ttl\":\"x\"}", "{\"channels\":[null]}",
            "{\"channels\":[\"login:AAAAAAAAAAAAAAAAAAAAAA\"]}", "null"
      })
  void aTokenThatCannotBeIsRefused(String order) {
    assertThat(backend.post("/v1/tokens", order).status()).isEqualTo(400);
  }

  // On the socket ---------------------------------------------------------------------------------

  /** Case 65: who names no origin is no page, and then has to say who it is. Case 65. */
  @Test
  void withoutAnOriginATokenIsRequired() {
    assertThat(statusWithoutOrigin()).isEqualTo(403);
    assertThat(statusWithoutOrigin("Authorization: Bearer wrong")).isEqualTo(401);
    assertThat(statusWithoutOrigin(backend.authorization())).isEqualTo(101);
  }

  private int statusWithoutOrigin(String... headers) {
    try (RawSocket program = RawSocket.connect(port)) {
      String head = program.send(RawSocket.handshake("/ws", headers)).readHead();
      return Integer.parseInt(head.substring(9, 12));
    }
  }

  /** Case 66. */
  @Test
  void aBinaryFrameClosesTheSession() {
    closes(tab -> tab.send(RawFrame.of(RawFrame.BINARY, new byte[] {1})), 1003, "unsupported_data");
  }

  /** Case 66. */
  @Test
  void aFrameOfNineKibibytesClosesTheSession() {
    closes(
        tab -> tab.send("{\"type\":\"ping\",\"x\":\"" + "x".repeat(9 * 1024) + "\"}"),
        1009,
        "too_big");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Case 66.
        "garbage",
        "",
        "[]",
        "7",
        "null",
        "{}",
        "{\"type\":\"ping\"",
        "{\"type\":\"ping\"} {}",
        "{\"type\":\"ping\",\"type\":\"ping\"}",
        "{\"type\":\"ping\",\"id\":1,\"id\":2}"
      })
  void malformedJsonClosesTheSession(String frame) {
    double malformed = count("heliograph.frames.refused", "reason", "malformed");
    closes(tab -> tab.send(frame), 4400, "bad_frame");
    assertThat(count("heliograph.frames.refused", "reason", "malformed")).isEqualTo(malformed + 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.5",
        "-0",
        "1e400",
        "12345678901234567890123456789012345",
        "\"é\"",
        "\"a\\\"b\"",
        "\"a\\u0000\"",
        "\"\\\\\"",
        "\"\ud83d\ude00\""
      })
  void anIdComesBackAsItWas(String id) {
    var tab = browser.connectAnonymously();
    tab.send("{\"type\":\"ping\",\"id\":" + id + "}");
    var expected = io.heliograph.support.TestBackend.JSON.readTree(id);
    assertThat(tab.next("pong").get("id")).isEqualTo(expected);
    tab.thenNothing();
  }

  static Stream<String> framesThatAskWhatCannotBe() {
    return Stream.of(
        "{\"type\":\"ping\",\"id\":{}}",
        "{\"type\":\"ping\",\"id\":[1]}",
        "{\"type\":\"ping\",\"id\":true}",
        "{\"type\":\"ping\",\"id\":\"\"}",
        "{\"type\":\"ping\",\"id\":\"\\ud800\"}",
        "{\"type\":\"ping\",\"id\":\"" + "i".repeat(65) + "\"}",
        "{\"type\":\"ping\",\"id\":" + "1".repeat(2_000) + "}",
        "{\"type\":\"ping\",\"x\":1}",
        "{\"type\":\"ping\",\"channel\":\"everyone\"}",
        "{\"type\":\"ping\",\"x\":" + "[".repeat(3_000) + "]".repeat(3_000) + "}",
        "{\"type\":\"auth\",\"id\":1,\"tokn\":\"x\"}");
  }

  @ParameterizedTest
  @MethodSource("framesThatAskWhatCannotBe")
  void aFrameThatAsksWhatCannotBeIsAnErrorAndNeverAClose(String frame) {
    var tab = browser.connectAnonymously();
    tab.send(frame);
    var error = tab.next("error");
    assertThat(error.at("/problem/status").intValue()).isEqualTo(400);
    assertThat(error.at("/problem/detail").stringValue()).isNotEmpty();
    tab.thenNothing();
  }

  @Test
  void anUnknownFieldIsNamedWithThoseThatThereAre() {
    var tab = browser.connectAnonymously();
    tab.send("{\"type\":\"subscribe\",\"id\":7,\"channel\":\"everyone\",\"tokn\":\"x\"}");
    var error = tab.next("error");
    assertThat(error.get("id").intValue()).isEqualTo(7);
    assertThat(error.at("/problem/detail").stringValue())
        .isEqualTo("unknown field 'tokn': subscribe has id, channel, since, token");
    tab.thenNothing();
  }

  private void closes(java.util.function.Consumer<TestTab> act, int code, String reason) {
    double closes = count("heliograph.closes", "reason", reason);
    var tab = browser.connectAnonymously();
    act.accept(tab);
    tab.ends(code);
    await()
        .untilAsserted(
            () -> assertThat(count("heliograph.closes", "reason", reason)).isEqualTo(closes + 1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"dance\",\"id\":7}",
        "{\"id\":7,\"type\":7}",
        "{\"type\":\"welcome\",\"id\":7}",
        "{\"type\":\"message\",\"id\":7}",
        "{\"type\":\"subscribe\",\"id\":7}",
        "{\"type\":\"subscribe\",\"id\":7,\"channel\":\"user:{a}\"}",
        "{\"type\":\"subscribe\",\"id\":7,\"channel\":\"queue:a\"}",
        "{\"type\":\"subscribe\",\"id\":7,\"channel\":1}",
        "{\"type\":\"auth\",\"id\":7}",
        "{\"type\":\"ack\",\"id\":7,\"channel\":\"everyone\",\"position\":\"x\"}"
      })
  void anImpossibleRequestIsAnsweredWithItsIdAndTheConnectionStays(String frame) {
    double refused = count("heliograph.frames.refused", "reason", "invalid_request");
    var tab = browser.connectAnonymously();
    tab.send(frame);
    var error = tab.next("error");
    // A number comes back as a number.
    assertThat(error.get("id").isNumber()).isTrue();
    assertThat(error.get("id").intValue()).isEqualTo(7);
    assertThat(error.at("/problem/status").intValue()).isEqualTo(400);
    tab.thenNothing();
    assertThat(count("heliograph.frames.refused", "reason", "invalid_request"))
        .isEqualTo(refused + 1);
  }
}

package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.standardwebhooks.Webhook;
import io.heliograph.support.TestBackend;
import io.heliograph.support.TestBackend.Answer;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The risk: what one way in refuses, another takes, and every subscriber meets it. */
class PublishIntakeTests extends BlackBox {

  private static final String JSON = "Content-Type: application/json";
  private static final int ROUNDS = 150;

  /** Members of a message without its channel. */
  @SuppressWarnings("unused") // by its name
  private static final List<String> MESSAGES =
      List.of(
          "\"data\":1",
          "\"data\":null",
          "\"event\":\"e\"",
          "\"event\":null,\"data\":1",
          "\"event\":7,\"data\":1",
          "\"event\":\"a b\",\"data\":1",
          "\"event\":\"\",\"data\":1",
          "\"event\":\"" + "e".repeat(65) + "\",\"data\":1",
          "\"event\":\"\\ud800\",\"data\":1",
          "\"data\":\"x\\ud83dy\"",
          "\"data\":{\"\\udc00\":1}",
          "\"data\":\"\\ud83d\\ude00\"",
          "\"data\":\"😀\"",
          "\"data\":{\"a\":1,\"a\":2}",
          "\"data\":1,\"data\":2",
          "\"data\":" + "9".repeat(101),
          "\"data\":" + "[".repeat(62) + "]".repeat(62),
          "\"data\":" + "[".repeat(63) + "]".repeat(63),
          "\"data\":{\"" + "n".repeat(1_001) + "\":1}",
          "\"data\":1,\"ttl\":60",
          "\"data\":1,\"ttl\":\"60\"",
          "\"data\":1,\"ttl\":\"500ms\"",
          "\"data\":1,\"ttl\":\"PT10M\"",
          "\"data\":1,\"ttl\":null",
          "\"data\":1,\"ttl\":0",
          "\"data\":1,\"ttl\":-1",
          "\"data\":1,\"ttl\":1.5",
          "\"data\":1,\"ttl\":true",
          "\"data\":1,\"ttl\":[1]",
          "\"data\":1,\"ttl\":\"soon\"",
          "\"data\":1,\"ttl\":\"400d\"",
          "\"data\":1,\"ttl\":99999999999999999999999",
          "\"data\":1,\"key\":\"k\"",
          "\"data\":1,\"key\":null",
          "\"data\":1,\"key\":7",
          "\"data\":1,\"key\":\"{k}\"",
          "\"data\":1,\"evnt\":\"e\"",
          "\"data\":1,\"a/b~c\":\"e\"",
          "\"data\":1,\"\\ud800\":\"e\"");

  @ParameterizedTest
  @FieldSource("MESSAGES")
  void everyWayAnswersAlike(String members) {
    alike(members);
  }

  @Test
  void everyWayAnswersAlikeForRandomMembersOfSeed20261128() {
    Random random = new Random(20261128);
    for (int i = 0; i < ROUNDS; i++) {
      String name = pick(random, "data", "event", "ttl", "key", "evnt", "dat");
      alike('"' + name + "\":" + value(random, 0) + (name.equals("data") ? "" : ",\"data\":1"));
    }
  }

  /** As whole bodies, which are no objects. */
  @ParameterizedTest
  @ValueSource(strings = {"null", "7", "\"data\"", "[]", "true", "1e400"})
  void aBodyThatIsNoObjectIsRefusedByEachWay(String body) {
    Verdict single = verdict(single(body));
    assertThat(single).isEqualTo(new Verdict(400, ""));
    assertThat(result(backend.post("/v1/messages", '[' + body + ']').json().get(0)))
        .isEqualTo(single);
    assertThat(result(TestBackend.JSON.readTree(backend.postNdjson(body).body())))
        .isEqualTo(single);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-0",
        "1e400",
        "1E+2",
        "1.10",
        "123456789012345678901",
        "\"\\u00e9\\/\"",
        "[1,2,{\"a\":[]}]"
      })
  void dataArrivesAsItWasWritten(String data) {
    String user = fresh("verbatim");
    String channel = "user:" + user;
    String spaced = data.replace("[", "[ ").replace(",", " ,\n\t");
    backend.post(
        "/v1/channels/" + channel + "/messages", "{ \"data\" : " + spaced + " , \"ttl\": 60 }");
    String line = "{\"channel\":\"" + channel + "\",\"data\": " + data + " }";
    backend.post("/v1/messages", "[ " + line + " ]");
    backend.postNdjson(line);
    callback("\"channel\":\"" + channel + "\",\"data\":" + data);
    String log = backend.get("/v1/channels/" + channel + "/messages").body();
    assertThat(log.split(java.util.regex.Pattern.quote("\"data\":" + data + ","), -1)).hasSize(5);
  }

  @Test
  void whatIsNoUtf8IsRefusedEverywhere() {
    byte[] overlong = {'"', (byte) 0xc0, (byte) 0xaf, '"'};
    byte[] half = {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'};
    for (byte[] bad : List.of(overlong, half)) {
      String data = new String(bad, java.nio.charset.StandardCharsets.ISO_8859_1);
      assertThat(
              rawBytes(
                  "/v1/channels/user:utf8/messages", "application/json", "{\"data\":" + data + "}"))
          .contains(" 400 ");
      assertThat(
              rawBytes(
                  "/v1/messages",
                  "application/json",
                  "[{\"channel\":\"user:utf8\",\"data\":" + data + "}]"))
          .contains(" 400 ");
      assertThat(rawBytes("/v1/tokens", "application/json", "{\"user\":" + data + "}"))
          .contains(" 400 ")
          .contains("is not UTF-8");
      assertThat(
              rawBytes(
                  "/v1/messages",
                  "application/x-ndjson",
                  "{\"channel\":\"user:utf8\",\"data\":"
                      + data
                      + "}\n{\"channel\":\"user:utf8\",\"data\":1}\n"))
          .contains(" 200 ")
          .contains("\"index\":0,\"problem\"")
          .contains("\"status\":400")
          .contains("\"index\":1,\"id\"");
    }
  }

  @Test
  void aTtlIsSecondsOrWhatItsUnitSaysAndItsEndIsAnswered() {
    for (String ttl : List.of("60", "\"60\"", "\"60s\"", "\"1m\"", "\"60000ms\"", "\"PT1M\"")) {
      assertThat(seconds(single("{\"data\":1,\"ttl\":" + ttl + "}"))).as(ttl).isEqualTo(60);
    }
    // The log keeps an hour.
    assertThat(seconds(single("{\"data\":1,\"ttl\":\"30d\"}"))).isEqualTo(3_600);
    assertThat(single("{\"data\":1}").json().has("expires")).isFalse();
  }

  private long seconds(Answer answer) {
    assertThat(answer.status()).isEqualTo(202);
    var log = backend.get("/v1/channels/user:intake/messages?limit=1000").json().get("messages");
    JsonNode message =
        log.valueStream()
            .filter(each -> each.get("id").equals(answer.json().get("id")))
            .findFirst()
            .orElseThrow();
    assertThat(message.get("expires")).isEqualTo(answer.json().get("expires"));
    return java.time.Duration.between(
            java.time.Instant.parse(message.get("time").stringValue()),
            java.time.Instant.parse(message.get("expires").stringValue()))
        .toSeconds();
  }

  @Test
  void aMisspeltNameIsRefusedWithTheOneThatWasMeant() {
    assertThat(single("{\"data\":1,\"evnt\":\"e\"}").text("detail"))
        .contains("did you mean event?");
    assertThat(backend.push("user:intake", "x", "wai=acked").text("detail"))
        .contains("wai")
        .contains("did you mean wait?");
    assertThat(
            backend
                .raw(
                    "POST /v1/channels/user:intake/messages?wait=%F0%9F",
                    "{\"data\":1}", JSON, backend.authorization())
                .status())
        .isEqualTo(400);
    assertThat(backend.get("/v1/channels/user:intake/messages?since=%F0%9F").status())
        .isEqualTo(400);
    assertThat(single("{\"data\":1").text("detail"))
        .startsWith("The body is not well-formed JSON at line 1, column 10: it ends too early");
    assertThat(single("{\"data\":1,\"idempotencyKey\":\"e\"}").text("detail"))
        .contains("Idempotency-Key");
    assertThat(single("{\"data\":1,\"channel\":\"user:intake\"}").text("detail")).contains("path");
  }

  @Test
  void aLineWithAKeyHappensOnceInWhateverRequestItComes() {
    String user = fresh("keyed");
    var tab = browser.connect(user);
    String key = fresh("line-");
    String line =
        "{\"channel\":\"user:" + user + "\",\"data\":\"%s\",\"idempotencyKey\":\"" + key + "\"}";
    var first = backend.post("/v1/messages", '[' + line.formatted("a") + ']').json().get(0);
    var second = TestBackend.JSON.readTree(backend.postNdjson(line.formatted("b")).body());
    var third =
        backend
            .post("/v1/messages", '[' + line.formatted("c") + ']', "Idempotency-Key", fresh("all"))
            .json()
            .get(0);
    assertThat(first.has("repeated")).isFalse();
    for (JsonNode again : List.of(second, third)) {
      assertThat(again.get("repeated").booleanValue()).isTrue();
      assertThat(again.get("id")).isEqualTo(first.get("id"));
      assertThat(again.get("position")).isEqualTo(first.get("position"));
    }
    tab.receives("a").thenNothing();
    for (String bad : List.of("\"\"", "\"a b\"", "\"é\"", "7", '"' + "k".repeat(256) + '"')) {
      var refused =
          backend.post(
              "/v1/messages", '[' + line.replace('"' + key + '"', bad).formatted("d") + ']');
      assertThat(result(refused.json().get(0)))
          .as(bad)
          .isEqualTo(new Verdict(400, "/idempotencyKey"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\"half", "half\"", "a\"b", "a,b", "a b", "\"a\";p=1", "\"\"", "k=v", "\\"})
  void aKeyThatIsNeitherQuotedNorATokenIsRefused(String key) {
    var answer = backend.push("user:intake", "x", "", "Idempotency-Key", key);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().at("/errors/0/pointer").stringValue()).isEqualTo("Idempotency-Key");
    assertThat(answer.text("detail")).contains("double quotes");
    assertThat(
            backend
                .post("/v1/messages", "[]", "Idempotency-Key", key)
                .json()
                .at("/errors/0/pointer")
                .stringValue())
        .isEqualTo("Idempotency-Key");
  }

  @Test
  void aQuotedKeyMayHoldWhatABareOneMayNot() {
    String key = "\"" + fresh("a key, with = and \\\"") + "\"";
    var first = backend.push("user:intake", "x", "", "Idempotency-Key", key);
    assertThat(first.status()).isEqualTo(202);
    assertThat(backend.push("user:intake", "x", "", "Idempotency-Key", key).body())
        .isEqualTo(first.body());
  }

  // The ways in -----------------------------------------------------------------------------------

  private record Verdict(int status, String pointer) {}

  private void alike(String members) {
    String line = "{\"channel\":\"user:intake\"," + members + '}';
    Verdict single = verdict(single('{' + members + '}'));
    assertThat(result(backend.post("/v1/messages", '[' + line + ']').json().get(0)))
        .as(members)
        .isEqualTo(single);
    assertThat(result(TestBackend.JSON.readTree(backend.postNdjson(line).body())))
        .as(members)
        .isEqualTo(single);
    Answer called = callback("\"channel\":\"user:intake\"," + members);
    Verdict callback = verdict(called);
    assertThat(
            new Verdict(
                callback.status() == 204 ? 202 : callback.status(),
                callback.pointer().replaceFirst("^/data", "")))
        .as(members)
        .isEqualTo(single);
  }

  private Answer single(String body) {
    return backend.raw(
        "POST /v1/channels/user:intake/messages", body, JSON, backend.authorization());
  }

  private Answer callback(String members) {
    String id = UUID.randomUUID().toString();
    String body = "{\"type\":\"message.push\",\"data\":{" + members + "}}";
    long now = clock.instant().getEpochSecond();
    try {
      return backend.raw(
          "POST /callbacks/shop",
          body,
          JSON,
          "webhook-id: " + id,
          "webhook-timestamp: " + now,
          "webhook-signature: " + new Webhook(SHOP_SECRET).sign(id, now, body));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** Otherwise a guessed key would return another caller's ticket with its secrets. */
  @Test
  void aLoginsKeyBelongsToOneAddress() {
    String key = "Idempotency-Key: " + fresh("login-");
    String order = "{\"challenge\":\"" + "A".repeat(43) + "\"}";
    String first = rawBytes("/v1/logins", "application/json", order, "127.0.0.1", key);
    String again = rawBytes("/v1/logins", "application/json", order, "127.0.0.1", key);
    String other = rawBytes("/v1/logins", "application/json", order, "127.0.0.2", key);
    assertThat(first).contains(" 201 ");
    assertThat(ticket(again)).isEqualTo(ticket(first));
    assertThat(ticket(other)).isNotEqualTo(ticket(first));
  }

  private static String ticket(String answer) {
    int begin = answer.indexOf("\"ticket\":\"");
    assertThat(begin).as(answer).isPositive();
    return answer.substring(begin + 10, begin + 32);
  }

  private String rawBytes(String path, String type, String latin1) {
    return rawBytes(path, type, latin1, "127.0.0.1", "X-None: 1");
  }

  private String rawBytes(String path, String type, String latin1, String from, String header) {
    byte[] body = latin1.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    try (var socket = new java.net.Socket()) {
      socket.bind(new java.net.InetSocketAddress(from, 0));
      socket.connect(new java.net.InetSocketAddress("127.0.0.1", port));
      socket.setSoTimeout(30_000);
      socket
          .getOutputStream()
          .write(
              ("POST "
                      + path
                      + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                      + backend.authorization()
                      + "\r\n"
                      + header
                      + "\r\nOrigin: http://localhost"
                      + "\r\nContent-Type: "
                      + type
                      + "\r\nContent-Length: "
                      + body.length
                      + "\r\n\r\n")
                  .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      socket.getOutputStream().write(body);
      return new String(
          socket.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Verdict verdict(Answer answer) {
    String pointer =
        answer.status() < 300 ? "" : answer.json().at("/errors/0/pointer").asString("");
    return new Verdict(answer.status(), pointer);
  }

  private static Verdict result(JsonNode result) {
    JsonNode problem = result.path("problem");
    return problem.isMissingNode()
        ? new Verdict(202, "")
        : new Verdict(
            problem.get("status").intValue(), problem.at("/errors/0/pointer").asString(""));
  }

  private static String value(Random random, int depth) {
    return switch (random.nextInt(depth > 3 ? 8 : 10)) {
      case 0 -> "null";
      case 1 -> Boolean.toString(random.nextBoolean());
      case 2 -> Integer.toString(random.nextInt(-5, 5_000_000));
      case 3 -> pick(random, "-0", "1e400", "1.50", "12345678901234567890", "0.1e-7");
      case 4 -> pick(random, "\"\"", "\"e\"", "\"60\"", "\"10m\"", "\"a b\"", "\"k:1\"");
      case 5 -> pick(random, "\"\\ud800\"", "\"\\udc00x\"", "\"\\ud83d\\ude00\"", "\"ü\"");
      case 6 -> '"' + pick(random, "x", "é", "\\n", "1").repeat(random.nextInt(1, 200)) + '"';
      case 7 -> pick(random, "\"\\\\\"", "\"\\\\u\"", "\"\\\"\"", "\" \"", "\"\\u0000\"");
      case 8 -> {
        String inner = value(random, depth + 1);
        yield '[' + inner + (random.nextBoolean() ? "" : " , " + value(random, depth + 1)) + ']';
      }
      default ->
          "{\""
              + pick(random, "a", "b", "\\udfff", "é")
              + "\" : "
              + value(random, depth + 1)
              + (random.nextInt(4) == 0 ? ",\"a\":1" : "")
              + '}';
    };
  }

  private static String pick(Random random, String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}

package io.heliograph.upstream;

import static io.heliograph.support.StandInBackend.hangingUpAfter;
import static io.heliograph.support.StandInBackend.json;
import static io.heliograph.support.StandInBackend.problem;
import static io.heliograph.support.StandInBackend.raw;
import static io.heliograph.support.StandInBackend.typed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.standardwebhooks.Webhook;
import io.heliograph.support.LogScan;
import io.heliograph.support.Node;
import io.heliograph.support.StandInBackend;
import io.heliograph.support.StandInBackend.Received;
import io.heliograph.support.StompTab;
import io.heliograph.support.TestBrowser;
import io.heliograph.support.TestTab;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * The risk: a client calls a method without the right to it, or an answer of the backend harms the
 * node or the client.
 */
@SuppressWarnings("NullAway.Init") // started before the tests
class CallTests {

  private static final String SECRET = "whsec_3wJk9Qv2mXb7LpZ8nRt5YcH1dFg4Sa6U";

  private static StandInBackend backend;
  private static Node node;

  private LogScan logs;
  private TestBrowser browser;

  @BeforeAll
  static void start() {
    backend = new StandInBackend();
    node =
        Node.start(
            "heliograph.upstream.url=" + backend.url(),
            "heliograph.upstream.secret=" + SECRET,
            "heliograph.upstream.methods=order.*,ping,a.*,b.*,c.*,d.*,e.*",
            "heliograph.upstream.anonymous-methods=help",
            "heliograph.upstream.timeout=5s",
            "heliograph.upstream.max-concurrent=6",
            "heliograph.upstream.max-answer=1KB",
            "heliograph.upstream.publish.authorize=true",
            "heliograph.upstream.allow-internal=localhost");
  }

  @AfterAll
  static void stop() {
    node.close();
    backend.close();
  }

  @BeforeEach
  void connect() {
    logs = new LogScan();
    LogScan.secret(SECRET);
    browser = new TestBrowser(node.backend());
  }

  @AfterEach
  void end() {
    browser.close();
    logs.requireNoSecret();
    logs.close();
  }

  private static JsonNode call(TestTab tab, String method) {
    return tab.request("call", Map.of("method", method, "data", "x"));
  }

  private static int status(JsonNode answer) {
    assertThat(answer.get("type").stringValue()).as("%s", answer).isEqualTo("error");
    return answer.at("/problem/status").intValue();
  }

  private static List<Received> receivedFor(String method) {
    return backend.received().stream().filter(each -> each.method().equals(method)).toList();
  }

  @Test
  void aStompClientGetsItsAnswerWhereItListensForReplies() {
    backend.on("order.stomp", json(200, "{\"done\":true}"));
    backend.on("order.refused", problem(409, "{\"title\":\"Too late\",\"status\":409}"));
    String token = LogScan.secret(node.backend().token("alice"));
    try (StompTab tab = StompTab.connected(node.port(), token)) {
      tab.subscribe("1", "/user/queue/reply/order/stomp");
      tab.subscribe("2", "/user/queue/reply/order.stomp");
      tab.subscribe("errors", "/user/queue/errors");
      tab.sendBody(
          "{\"order\":1}",
          "SEND",
          "destination:/app/order/stomp",
          "correlation-id:c7",
          "receipt:r");
      for (String id : new String[] {"1", "2"}) {
        StompTab.Frame reply = tab.next("MESSAGE");
        assertThat(reply.body()).isEqualTo("{\"done\":true}");
        assertThat(reply.headers())
            .containsEntry("subscription", id)
            .containsEntry("correlation-id", "c7");
      }
      assertThat(tab.next("RECEIPT").header("receipt-id")).isEqualTo("r");
      tab.sendBody("1", "SEND", "destination:/app/order.refused", "correlation-id:c8");
      StompTab.Frame error = tab.next("MESSAGE");
      assertThat(error.headers())
          .containsEntry("subscription", "errors")
          .containsEntry("correlation-id", "c8");
      assertThat(error.body()).contains("Too late");
    }
  }

  @Test
  void aCallIsASignedRequestAndItsAnswerTheResult() throws Exception {
    backend.on("order.cancel", json(200, " {\"cancelled\" : [1, -0, 1e400, \"\\ud83d\\ude00\"]} "));
    TestTab tab = browser.connect("alice");
    JsonNode answer =
        tab.send(
                """
                {"type":"call","id":7,"method":"order.cancel","data":{"order": 4711}}\
                """)
            .next();
    // Unchanged, except for blanks.
    assertThat(answer.toString()).startsWith("{\"type\":\"result\",\"id\":7,\"data\":{");
    assertThat(answer.at("/data/cancelled/3").stringValue()).isEqualTo("\ud83d\ude00");
    Received request = receivedFor("order.cancel").getFirst();
    assertThat(request.headers())
        .containsEntry(":request", "POST /hook?tenant=7 HTTP/1.1")
        .containsEntry("content-type", "application/json")
        .containsEntry("user-agent", "Heliograph")
        .doesNotContainKeys("cookie", "authorization", "accept-encoding");
    assertThat(request.json().get("type").stringValue()).isEqualTo("client.call");
    assertThat(request.json().at("/data/user").stringValue()).isEqualTo("alice");
    assertThat(request.json().at("/data/session").stringValue()).isEqualTo(tab.session());
    assertThat(request.json().at("/data/data").toString()).isEqualTo("{\"order\":4711}");
    assertThat(request.json().at("/data/channel").isMissingNode()).isTrue();
    // The official library of Standard Webhooks verifies the signature.
    new Webhook(SECRET)
        .verify(
            new String(request.body(), StandardCharsets.UTF_8),
            HttpHeaders.of(
                request.headers().entrySet().stream()
                    .filter(each -> each.getKey().startsWith("webhook-"))
                    .collect(Collectors.toMap(Map.Entry::getKey, each -> List.of(each.getValue()))),
                (_, _) -> true));
  }

  @Test
  void requestsFitTheDescriptionInOpenApi() {
    backend.on("order.plain", json(200, "1")).on("publish", json(200, "{\"allow\":true}"));
    call(browser.connectAnonymously(), "help");
    call(browser.connect("alice"), "order.plain");
    String room = "topic:contract";
    browser
        .withToken(node.backend().sender("alice", room))
        .send(publish(room, 1, "1"))
        .next("published");
    JsonNode document = node.backend().get("/openapi.json").json();
    String reference =
        document
            .at("/webhooks/clientCall/post/requestBody/content/application~1json/schema/$ref")
            .stringValue();
    JsonNode schema = document.at(reference.substring(1));
    for (String method : List.of("help", "order.plain", "publish")) {
      JsonNode body = receivedFor(method).getLast().json();
      fits(body, schema);
      fits(body.get("data"), schema.at("/properties/data"));
    }
  }

  private static void fits(JsonNode object, JsonNode schema) {
    assertThat(schema.get("properties").propertyNames()).containsAll(object.propertyNames());
    assertThat(object.propertyNames())
        .containsAll(schema.get("required").valueStream().map(JsonNode::stringValue).toList());
  }

  @Test
  void anAnswer204IsTheResultNull() {
    backend.on("order.forget", (_, out) -> raw(out, head("204 No Content")));
    JsonNode answer = call(browser.connect("alice"), "order.forget");
    assertThat(answer.get("type").stringValue()).isEqualTo("result");
    assertThat(answer.get("data").isNull()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"delete", "orders", "ping2", "publish", "*", "order.*", "", "order/x", "Order.x"})
  void aMethodThatIsNotListedIsRefusedWithoutARequest(String method) {
    int before = backend.received().size();
    assertThat(status(call(browser.connect("alice"), method))).isEqualTo(404);
    assertThat(backend.received()).hasSize(before);
  }

  @Test
  void anonymousSessionsCanCallOnlyAnonymousMethods() {
    backend.on("help", json(200, "\"read the manual\""));
    TestTab anonymous = browser.connectAnonymously();
    assertThat(status(call(anonymous, "order.cancel"))).isEqualTo(403);
    assertThat(call(anonymous, "help").get("data").stringValue()).isEqualTo("read the manual");
    assertThat(receivedFor("help").getFirst().json().at("/data/user").isMissingNode()).isTrue();
    assertThat(call(browser.connect("alice"), "help").get("type").stringValue())
        .isEqualTo("result");
  }

  @Test
  void aProblemOfTheBackendReachesTheClient() {
    backend.on(
        "order.pay",
        problem(
            402,
            """
            {"type":"https://shop.example/no-credit","title":"No credit","status":402,"detail":"12 \u20ac short",
             "instance":"/internal/7","stack":"at com.example"}\
            """));
    JsonNode answer = call(browser.connect("alice"), "order.pay");
    assertThat(answer.get("problem").toString())
        .isEqualTo(
            "{\"type\":\"https://shop.example/no-credit\",\"title\":\"No"
                + " credit\",\"status\":402,\"detail\":\"12 \u20ac short\"}");
  }

  static Map<String, StandInBackend.Behaviour> wrongAnswers() {
    Map<String, StandInBackend.Behaviour> wrong = new HashMap<>();
    wrong.put("garbage", hangingUpAfter("\u0000\u0001\u0002 this is no HTTP\r\n\r\n"));
    wrong.put("nothing", hangingUpAfter(""));
    wrong.put("half a head", hangingUpAfter("HTTP/1.1 200 OK\r\nContent-Ty"));
    wrong.put(
        "fewer bytes than it says",
        hangingUpAfter(
            head("200 OK", "Content-Type: application/json", "Content-Length: 100") + "{}"));
    wrong.put(
        "more bytes than it says, of which the first make no JSON",
        hangingUpAfter(
            head(
                    "200 OK",
                    "Content-Type: application/json",
                    "Content-Length: 1",
                    "Connection: close")
                + "{}"));
    wrong.put(
        "two lengths",
        hangingUpAfter(
            head(
                    "200 OK",
                    "Content-Type: application/json",
                    "Content-Length: 2",
                    "Content-Length: 4")
                + "{}{}"));
    wrong.put(
        "no last chunk",
        hangingUpAfter(
            head("200 OK", "Content-Type: application/json", "Transfer-Encoding: chunked")
                + "2\r\n{}\r\n"));
    wrong.put(
        "too much, announced", typed(200, "application/json", "\"" + "x".repeat(2000) + "\""));
    wrong.put("headers without end", (_, out) -> endless(out, "HTTP/1.1 200 OK\r\n", "X-A: b\r\n"));
    wrong.put(
        "100 MB",
        (_, out) ->
            endless(
                out,
                head("200 OK", "Content-Type: application/json", "Transfer-Encoding: chunked"),
                "1000\r\n" + "x".repeat(4096) + "\r\n"));
    wrong.put("no JSON", json(200, "<html>"));
    wrong.put("two values", json(200, "{} {}"));
    wrong.put("a name twice", json(200, "{\"a\":1,\"a\":2}"));
    wrong.put("half a character", json(200, "\"\\ud83d\""));
    wrong.put(
        "no UTF-8",
        hangingUpAfter(
            head(
                    "200 OK",
                    "Content-Type: application/json",
                    "Content-Length: 4",
                    "Connection: close")
                + "\"\u00ff\u00fe\""));
    wrong.put("nested too deeply", json(200, "[".repeat(400) + "]".repeat(400)));
    wrong.put("another type", typed(200, "text/html", "{}"));
    wrong.put("another status", json(201, "{}"));
    wrong.put(
        "a redirect",
        hangingUpAfter(
            head(
                "302 Found",
                "Location: http://localhost/",
                "Content-Length: 0",
                "Connection: close")));
    wrong.put("an error that is no problem", json(500, "{\"stack\":\"at com.example\"}"));
    wrong.put("a problem that is none", problem(500, "[]"));
    wrong.put(
        "a challenge",
        hangingUpAfter(
            head(
                "401 X",
                "WWW-Authenticate: Basic realm=\"x\"",
                "Content-Length: 0",
                "Connection: close")));
    return wrong;
  }

  /** The head of an answer. */
  private static String head(String status, String... fields) {
    StringBuilder head = new StringBuilder("HTTP/1.1 ").append(status).append("\r\n");
    for (String field : fields) {
      head.append(field).append("\r\n");
    }
    return head.append("\r\n").toString();
  }

  private static void endless(OutputStream out, String head, String again) throws IOException {
    raw(out, head);
    for (int i = 0; i < 100 * 1024 * 1024 / again.length(); i++) {
      raw(out, again);
    }
  }

  static List<String> wrongAnswerNames() {
    return wrongAnswers().keySet().stream().sorted().toList();
  }

  @ParameterizedTest
  @MethodSource("wrongAnswerNames")
  void anInvalidAnswerIsAProblemAndTheNextCallSucceeds(String name) {
    // Methods share a circuit breaker if they share an entry of the setting.
    backend
        .on("order.wrong", Objects.requireNonNull(wrongAnswers().get(name)))
        .on("ping", json(200, "1"));
    TestTab tab = browser.connect("alice");
    JsonNode answer = call(tab, "order.wrong");
    assertThat(status(answer)).isEqualTo(502);
    assertThat(answer.at("/problem/detail").stringValue())
        .isEqualTo("The backend cannot be reached, or its answer is not valid");
    backend.on("order.right", json(200, "1"));
    assertThat(call(tab, "order.right").get("type").stringValue()).isEqualTo("result");
  }

  @Test
  void aCallTimesOutAndItsLateAnswerIsDiscarded() {
    CountDownLatch late = new CountDownLatch(1);
    backend.on(
        "a.hang",
        (_, out) -> {
          awaitQuietly(late);
          raw(
              out,
              head("200 OK", "Content-Type: application/json", "Content-Length: 6") + "\"late\"");
        });
    backend.on("ping", json(200, "\"pong\""));
    TestTab tab = browser.connect("alice");
    JsonNode answer = call(tab, "a.hang");
    assertThat(status(answer)).isEqualTo(504);
    late.countDown();
    assertThat(call(tab, "ping").get("data").stringValue()).isEqualTo("pong");
    tab.thenNothing();
  }

  @Test
  void anAnswerThatArrivesByteByByteTimesOutToo() {
    backend.on(
        "b.drip",
        (_, out) -> {
          raw(out, head("200 OK", "Content-Type: application/json", "Transfer-Encoding: chunked"));
          while (true) {
            raw(out, "1\r\n \r\n");
            LockSupport.parkNanos(20_000_000);
          }
        });
    assertThat(status(call(browser.connect("alice"), "b.drip"))).isEqualTo(504);
  }

  @Test
  void repeatedFailuresSuspendOnlyTheMethodsOfThatEntry() {
    backend.on("e.broken", hangingUpAfter("")).on("ping", json(200, "1"));
    TestTab tab = browser.connect("alice");
    for (int i = 0; i < 5; i++) {
      assertThat(status(call(tab, "e.broken"))).isEqualTo(502);
    }
    assertThat(status(call(tab, "e.broken"))).isEqualTo(503);
    assertThat(status(call(tab, "e.other"))).isEqualTo(503);
    assertThat(receivedFor("e.broken")).hasSize(5);
    assertThat(call(tab, "ping").get("type").stringValue()).isEqualTo("result");
    assertThat(
            node.metric(
                "heliograph_upstream_requests_seconds_count{kind=\"call\",outcome=\"suspended\"}"))
        .isEqualTo(2);
  }

  @Test
  void callsAreAnsweredInAnyOrderAndASessionHasAtMostFour() {
    CountDownLatch slow = new CountDownLatch(1);
    backend.on(
        "c.slow",
        (request, out) -> {
          awaitQuietly(slow);
          json(200, "\"slow\"").answer(request, out);
        });
    backend.on("ping", json(200, "\"pong\""));
    TestTab tab = browser.connect("alice");
    for (int i = 1; i <= 3; i++) {
      tab.send("{\"type\":\"call\",\"id\":%d,\"method\":\"c.slow\"}".formatted(i));
    }
    tab.send("{\"type\":\"call\",\"id\":4,\"method\":\"ping\"}");
    assertThat(tab.next("result").get("id").intValue()).isEqualTo(4);
    tab.send("{\"type\":\"call\",\"id\":5,\"method\":\"c.slow\"}");
    tab.send("{\"type\":\"call\",\"id\":6,\"method\":\"ping\"}");
    JsonNode refused = tab.next("error");
    assertThat(refused.get("id").intValue()).isEqualTo(6);
    assertThat(status(refused)).isEqualTo(429);
    slow.countDown();
    for (int i = 0; i < 4; i++) {
      tab.next("result");
    }
    tab.thenNothing();
  }

  @Test
  void callsOverTheNodesLimitAreRefusedAndAClosedSessionReleasesItsCalls() {
    CountDownLatch never = new CountDownLatch(1);
    backend.on("d.wait", (_, _) -> awaitQuietly(never));
    TestTab first = browser.connect("alice");
    TestTab second = browser.connect("bob");
    for (TestTab tab : List.of(first, second)) {
      for (int i = 0; i < 4; i++) {
        tab.send("{\"type\":\"call\",\"id\":%d,\"method\":\"d.wait\"}".formatted(i));
      }
    }
    String busy = "heliograph_upstream_requests_seconds_count{kind=\"call\",outcome=\"busy\"}";
    // Any six of the eight are in progress.
    await().until(() -> node.metric(busy) == 2);
    assertThat(node.metric("heliograph_upstream_active{kind=\"call\"}")).isEqualTo(6);
    first.cut();
    second.cut();
    await().until(() -> node.metric("heliograph_upstream_active{kind=\"call\"}") == 0);
    never.countDown();
    backend.on("d.after", json(200, "1"));
    assertThat(call(browser.connect("carol"), "d.after").get("type").stringValue())
        .isEqualTo("result");
  }

  @Test
  void aRepetitionHasTheSameIdAndNoOtherSenderCanTakeIt() {
    backend.on("order.once", json(200, "1"));
    String frame =
        "{\"type\":\"call\",\"id\":1,\"method\":\"order.once\",\"idempotencyKey\":\"k\"}";
    browser.connect("alice").send(frame).next("result");
    browser.connect("alice").send(frame).next("result");
    browser.connect("bob").send(frame).next("result");
    String plain = "{\"type\":\"call\",\"id\":1,\"method\":\"order.once\"}";
    browser.connect("alice").send(plain).next("result");
    browser.connect("alice").send(plain).next("result");
    List<String> ids =
        receivedFor("order.once").stream().map(each -> each.headers().get("webhook-id")).toList();
    assertThat(ids.get(1)).isEqualTo(ids.get(0));
    assertThat(ids.subList(1, 5)).doesNotHaveDuplicates();
    assertThat(ids).allMatch(id -> id.matches("call_[A-Za-z0-9_-]{43}"));
  }

  // Checks of a publish by the backend
  // -------------------------------------------------------------

  @Test
  void theBackendCanAllowChangeOrRefuseAPublish() {
    String room = "topic:checked";
    TestTab tab = browser.withToken(node.backend().sender("alice", room));
    tab.subscribe(room);
    backend.on("publish", json(200, "{\"allow\":true}"));
    assertThat(published(tab, publish(room, 1, "\"fine\""))).isEqualTo("fine");
    backend.on("publish", json(200, "{\"allow\":true,\"data\":\"f***\"}"));
    assertThat(published(tab, publish(room, 2, "\"foul\""))).isEqualTo("f***");
    Received asked = receivedFor("publish").getLast();
    assertThat(asked.json().at("/data/channel").stringValue()).isEqualTo(room);
    assertThat(asked.json().at("/data/event").stringValue()).isEqualTo("chat");
    assertThat(asked.json().at("/data/user").stringValue()).isEqualTo("alice");
    assertThat(asked.json().at("/data/data").stringValue()).isEqualTo("foul");
    backend.on("publish", json(200, "{\"allow\":false,\"reason\":\"be nice\"}"));
    JsonNode refused = tab.send(publish(room, 3, "\"foul\"")).next("error");
    assertThat(status(refused)).isEqualTo(403);
    assertThat(refused.at("/problem/detail").stringValue()).isEqualTo("be nice");
    backend.on("publish", problem(409, "{\"type\":\"/closed\",\"title\":\"Closed\"}"));
    assertThat(status(tab.send(publish(room, 4, "1")).next("error"))).isEqualTo(409);
    for (String odd :
        List.of("{}", "true", "{\"allow\":1}", "{\"allow\":\"true\"}", "{\"data\":1}")) {
      backend.on("publish", json(200, odd));
      assertThat(status(tab.send(publish(room, 5, "1")).next("error"))).as(odd).isEqualTo(502);
    }
    tab.thenNothing();
    assertThat(node.backend().get("/v1/channels/" + room + "/messages").json().get("messages"))
        .hasSize(2);
  }

  /** The text of the published message; it may arrive before the answer. */
  private static String published(TestTab tab, String frame) {
    JsonNode first = tab.send(frame).next();
    JsonNode second = tab.next();
    boolean answerFirst = first.get("type").stringValue().equals("published");
    assertThat((answerFirst ? first : second).get("type").stringValue()).isEqualTo("published");
    return (answerFirst ? second : first).get("data").stringValue();
  }

  private static String publish(String room, int id, String data) {
    return "{\"type\":\"publish\",\"id\":%d,\"channel\":\"%s\",\"event\":\"chat\",\"data\":%s}"
        .formatted(id, room, data);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.hub.Drain;
import io.heliograph.support.TestBackend;
import io.heliograph.support.TestStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** What an EventSource can be sent, and what it must not be sent. */
class EventStreamTests extends BlackBox {

  private static final String PAGE = "Sec-Fetch-Site: same-origin";
  private static final Pattern COOKIE =
      Pattern.compile(
          "(?m)^Set-Cookie: (heliograph-token=[^;]*); Path=(/[a-z]+); Max-Age=(\\d+);"
              + " Expires=[^;]*; HttpOnly; SameSite=Strict$");

  @Autowired Drain drain;

  private final String user = fresh("streamer");

  private static String bearer(String token) {
    return "Authorization: Bearer " + token;
  }

  private TestStream open(String... headers) {
    TestStream stream = TestStream.get(port, "/events", headers);
    assertThat(stream.status()).as(stream.head()).isEqualTo(200);
    return stream;
  }

  @Test
  void nothingOnTheWayMayKeepTheStreamBackOrKeepACopy() {
    try (TestStream stream = open(PAGE)) {
      stream.next("welcome");
      assertThat(stream.head())
          .contains("Content-Type: text/event-stream\n")
          .contains("Cache-Control: no-store, no-transform\n")
          .contains("X-Accel-Buffering: no\n")
          .contains("X-Content-Type-Options: nosniff\n")
          .doesNotContainIgnoringCase("Content-Length");
      assertThat(Integer.parseInt(stream.retry())).isBetween(2000, 5000);
    }
  }

  @Test
  void aProxyThatSpeaksHttp10GetsTheSameEvents() {
    try (TestStream stream =
        TestStream.request(port, "GET /events HTTP/1.0", "", bearer(backend.token(user)))) {
      assertThat(stream.head()).doesNotContainIgnoringCase("Transfer-Encoding");
      stream.next("welcome");
      backend.pushAll("user:" + user, "one");
      stream.receives("one");
      backend.delete("/v1/users/" + user + "/sessions");
      stream.next("bye");
      assertThat(stream.next("closed").id()).isEqualTo("stop");
    }
  }

  @Test
  void aMessageIsAnEventOfItsNameUnlessThatMeansSomethingElse() {
    try (TestStream plain = open(bearer(backend.token(user)));
        TestStream envelopes =
            TestStream.get(port, "/events?format=envelope", bearer(backend.token(user)))) {
      plain.next("welcome");
      envelopes.next("welcome");
      for (String event : List.of("order.shipped", "error", "open", "bye")) {
        String body = "{\"event\":\"" + event + "\",\"data\":{\"a\": [1,\n2]}}";
        backend.post("/v1/channels/user:" + user + "/messages", body);
        TestStream.Event came = plain.next();
        boolean reserved = !event.equals("order.shipped");
        assertThat(came.type()).isEqualTo(reserved ? "message" : event);
        var data = TestBackend.JSON.readTree(came.data());
        assertThat((reserved ? data.get("data") : data).toString()).isEqualTo("{\"a\":[1,2]}");
        var envelope = TestBackend.JSON.readTree(envelopes.next("message").data());
        assertThat(envelope.get("event").asString()).isEqualTo(event);
        assertThat(envelope.get("channel").asString()).isEqualTo("user:" + user);
      }
    }
  }

  @Test
  void aPageShowsItsTokenInACookie() {
    String token = backend.token(user);
    try (TestStream answer =
        TestStream.request(port, "POST /events/token HTTP/1.1", "", bearer(token))) {
      assertThat(answer.status()).isEqualTo(204);
      var cookies = COOKIE.matcher(answer.head()).results().toList();
      assertThat(cookies).extracting(cookie -> cookie.group(2)).containsExactly("/events", "/poll");
      assertThat(cookies)
          .allSatisfy(cookie -> assertThat(Integer.parseInt(cookie.group(3))).isBetween(500, 600));
      try (TestStream stream = open(PAGE, "Cookie: a=b; " + cookies.getFirst().group(1))) {
        assertThat(stream.next("welcome").data()).contains("\"user\":\"" + user + "\"");
      }
    }
    try (TestStream answer = TestStream.request(port, "DELETE /events/token HTTP/1.1", "")) {
      assertThat(COOKIE.matcher(answer.head()).results().toList())
          .extracting(cookie -> cookie.group(1) + cookie.group(3))
          .containsExactly("heliograph-token=0", "heliograph-token=0");
    }
  }

  @Test
  void theHeaderCountsBeforeTheCookieAndTwoCookiesCountAsNone() {
    String mine = "heliograph-token=" + backend.token(user);
    String other = "heliograph-token=" + backend.token(fresh("streamer"));
    try (TestStream stream = open(bearer(backend.token(user)), "Cookie: " + other)) {
      assertThat(stream.next("welcome").data()).contains("\"user\":\"" + user + "\"");
    }
    try (TestStream stream =
        TestStream.get(port, "/events", PAGE, "Cookie: " + mine + "; " + other)) {
      assertThat(stream.status()).isEqualTo(401);
    }
  }

  @Test
  void aClientThatSendsFramesIsNotWhomTheCookieNames() {
    String cookie = "Cookie: heliograph-token=" + backend.token(user);
    for (String path : List.of("/events", "/poll?wait=0")) {
      try (TestStream stream =
          TestStream.request(
              port,
              "POST " + path + " HTTP/1.1",
              "{\"type\":\"subscribe\",\"id\":1,\"channel\":\"everyone\"}",
              "Origin: http://localhost",
              "Content-Type: application/x-ndjson",
              cookie)) {
        assertThat(stream.status()).isEqualTo(200);
        if (path.equals("/events")) {
          assertThat(stream.next("message").data()).contains("welcome").doesNotContain(user);
        }
      }
    }
    assertThat(backend.get("/v1/sessions?user=" + user).json().get("sessions")).isEmpty();
  }

  @Test
  void aNeighbouringSiteCannotUseTheCookieOfAPage() {
    String cookie = "Cookie: heliograph-token=" + backend.token(user);
    for (String path : List.of("/events", "/poll")) {
      for (String site : List.of("same-site", "cross-site", "none")) {
        try (TestStream answer = TestStream.get(port, path, cookie, "Sec-Fetch-Site: " + site)) {
          assertThat(answer.status()).isEqualTo(403);
        }
      }
    }
    // Browsers that do not say who asks are told apart by nothing else.
    open(cookie).close();
  }

  @Test
  void whatCannotBeShownAgainIsNotKept() {
    String once =
        backend.post("/v1/tokens", "{\"user\":\"" + user + "\",\"once\":true}").text("token");
    String[] topics =
        IntStream.range(0, 60).mapToObj(i -> "topic:" + "x".repeat(60) + i).toArray(String[]::new);
    for (String token : List.of(once, backend.token(user, topics))) {
      try (TestStream answer =
          TestStream.request(port, "POST /events/token HTTP/1.1", "", bearer(token))) {
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.head()).doesNotContain("Set-Cookie");
      }
    }
    // Refusing did not use it up.
    try (TestStream stream = open(bearer(once))) {
      stream.next("welcome");
    }
    try (TestStream stream = TestStream.get(port, "/events", bearer(once))) {
      assertThat(stream.status()).isEqualTo(401);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /events?token=abc, 400",
    "GET, /events?access_token=abc, 400",
    "GET, /events?chanel=topic:a, 400",
    "GET, /events?format=xml, 400",
    "GET, /events?format=envelope&format=envelope, 400",
    "GET, /events?channel=nonsense, 400",
    "GET, /events?channel=session:AAAAAAAAAAAAAAAAAAAAAA, 403",
    "GET, /events?channel=login:AAAAAAAAAAAAAAAAAAAAAA, 403",
    "GET, /events?channel=%ff, 400",
    "HEAD, /events, 405",
    "POST, /events/token?token=abc, 400",
    "POST, /events/token, 401",
    "GET, /events/token, 405",
    "PUT, /events, 405",
    "GET, /events/, 404",
    "GET, /poll?wait=31, 400",
    "GET, /poll?wait=-1, 400",
    "GET, /poll?wait=1&wait=1, 400",
    "GET, /poll?since=a&since=a, 400",
    "GET, /poll?token=abc, 400",
    "HEAD, /poll, 405",
    "DELETE, /poll, 405"
  })
  void whatIsWrongIsFinal(String method, String path, int status) {
    try (TestStream answer =
        TestStream.request(port, method + " " + path + " HTTP/1.1", "", PAGE)) {
      assertThat(answer.status()).isEqualTo(status);
    }
  }

  @Test
  void aHugeLastEventIdIsRefusedAndALargeOneIsNoVector() {
    try (TestStream answer =
        TestStream.get(port, "/events", PAGE, "Last-Event-ID: " + "1.~".repeat(6000))) {
      assertThat(answer.status()).isEqualTo(431);
    }
    try (TestStream stream = open(PAGE, "Last-Event-ID: " + "1.~".repeat(4000))) {
      assertThat(stream.next("welcome").data()).contains("\"recovered\":false");
    }
  }

  @Test
  void aGetWithABodyIsRefused() {
    for (String path : List.of("/events", "/poll")) {
      try (TestStream answer =
          TestStream.request(port, "GET " + path + " HTTP/1.1", "{\"a\":1}", PAGE)) {
        assertThat(answer.status()).isEqualTo(400);
      }
      try (TestStream answer =
          TestStream.get(port, path, PAGE, "Transfer-Encoding: chunked").sends("0\r\n\r\n")) {
        assertThat(answer.status()).isEqualTo(400);
      }
    }
  }

  @Test
  void aClientThatDoesNotAcceptEventStreamsGetsNone() {
    for (String accept : List.of("application/json", "text/html", "nonsense")) {
      try (TestStream answer = TestStream.get(port, "/events", PAGE, "Accept: " + accept)) {
        assertThat(answer.status()).isEqualTo(406);
      }
    }
    for (String accept : List.of("*/*", "text/*", "text/html, text/event-stream;q=0.1")) {
      open(PAGE, "Accept: " + accept).close();
    }
  }

  @Test
  void aRequestOfNoPageNeedsAToken() {
    try (TestStream answer = TestStream.get(port, "/events")) {
      assertThat(answer.status()).isEqualTo(403);
    }
    try (TestStream answer = TestStream.get(port, "/events", "Sec-Fetch-Site: same-site")) {
      assertThat(answer.status()).isEqualTo(403);
    }
    open(bearer(KEY)).close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/events", "/events/token", "/poll"})
  void pagesOfOtherOriginsAreRefusedAndPreflightsToo(String path) {
    String foreign = "Origin: https://evil.example";
    String method = path.endsWith("token") ? "POST" : "GET";
    try (TestStream answer =
        TestStream.request(
            port, method + " " + path + " HTTP/1.1", "", foreign, bearer(backend.token(user)))) {
      assertThat(answer.status()).isEqualTo(403);
      assertThat(answer.head())
          .doesNotContain("Access-Control-Allow-Origin")
          .contains("Vary: Origin");
    }
    String preflight = "OPTIONS " + path + " HTTP/1.1";
    String asks = "Access-Control-Request-Method: " + method;
    try (TestStream answer = TestStream.request(port, preflight, "", foreign, asks)) {
      assertThat(answer.status()).isEqualTo(403);
    }
    try (TestStream answer =
        TestStream.request(port, preflight, "", "Origin: http://localhost", asks)) {
      assertThat(answer.status()).isEqualTo(204);
      assertThat(answer.head())
          .contains("Access-Control-Allow-Origin: http://localhost\n")
          .contains("Access-Control-Allow-Credentials: true\n")
          .contains("Access-Control-Max-Age: 3600\n")
          .contains("Last-Event-ID")
          .contains(method);
    }
  }

  @Test
  void anEventSourceComesBackAfterADrainAndOthersReadTheStatus() {
    CompletableFuture<Void> drained = new CompletableFuture<>();
    double refused = count("heliograph.handshakes", "transport", "sse");
    drain.stop(() -> drained.complete(null));
    try (TestStream page = TestStream.get(port, "/events", PAGE);
        TestStream program = TestStream.get(port, "/events", bearer(backend.token(user)))) {
      assertThat(page.status()).isEqualTo(200);
      assertThat(page.head()).contains("text/event-stream").contains("Content-Length");
      await().until(page::retry, retry -> !retry.isEmpty());
      assertThat(Integer.parseInt(page.retry())).isBetween(5000, 15_000);
      assertThat(program.status()).isEqualTo(503);
      assertThat(program.head()).contains("Retry-After: ");
      drained.join();
    } finally {
      drain.start();
    }
    assertThat(count("heliograph.handshakes", "transport", "sse")).isEqualTo(refused + 2);
  }

  @Test
  void oneStreamTooManyOfAUserTakesThePlaceOfTheOldest() {
    String token = backend.token(user);
    TestStream oldest = open(bearer(token));
    oldest.next("welcome");
    List<TestStream> others = IntStream.range(0, 32).mapToObj(i -> open(bearer(token))).toList();
    assertThat(oldest.next("bye").data()).contains("\"replaced\"").contains("null");
    assertThat(oldest.next("closed").data()).isEqualTo("true");
    others.forEach(TestStream::close);
  }

  @Test
  void aClientThatEndsItsSideHasLeft() {
    double normal = count("heliograph.closes", "reason", "normal");
    try (TestStream stream = open(bearer(backend.token(user)))) {
      stream.next("welcome");
      stream.endsItsSide();
      await()
          .until(
              () ->
                  backend
                      .push("user:" + user, "gone", "wait=delivered&timeout=100ms")
                      .text("outcome"),
              outcome -> outcome.equals("queued"));
    }
    assertThat(count("heliograph.closes", "reason", "normal")).isGreaterThan(normal);
  }

  @Test
  void aMessageThatAStreamResumedBehindIsDelivered() {
    String token = backend.token(user);
    String after;
    try (TestStream stream = open(bearer(token))) {
      stream.next("welcome");
      backend.pushAll("user:" + user, "read");
      after = stream.next("message").id();
    }
    try (TestStream stream = open(bearer(token), "Last-Event-ID: " + after)) {
      stream.next("welcome");
    }
    backend.pushAll("user:" + user, "new");
    try (TestStream fresh = open(bearer(token))) {
      fresh.next("welcome");
      fresh.receives("new");
    }
  }
}

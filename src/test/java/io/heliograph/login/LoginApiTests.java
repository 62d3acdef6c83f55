package io.heliograph.login;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.hub.Publisher;
import io.heliograph.login.store.TicketStoreContract;
import io.heliograph.login.web.QrImageTests;
import io.heliograph.support.ManualClock;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Logins over HTTP: the calls of browser, phone and backend, and the answers to unauthorized
 * callers.
 */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "management.server.port=0",
      "heliograph.security.api-key=" + LoginApiTests.KEY,
      "heliograph.login.limits.per-address=100000",
      "heliograph.login.limits.misses-per-address=100000",
      "heliograph.login.limits.scans-per-subject=100000"
    })
@ExtendWith(OutputCaptureExtension.class)
class LoginApiTests {

  static final String KEY = "a-key-of-the-backend-for-tests-0123456789";
  private static final String VERIFIER = "V".repeat(43);

  @TestConfiguration(proxyBeanMethods = false)
  static class Own {
    @Bean
    @Primary
    ManualClock movableClock() {
      return new ManualClock();
    }

    @Bean
    @Primary
    RecordedAnnouncements announcements(Publisher publisher, JsonMapper json, Clock clock) {
      return new RecordedAnnouncements(publisher, json, clock);
    }
  }

  static final class RecordedAnnouncements extends LoginStatePublisher {
    final List<String> states = new CopyOnWriteArrayList<>();

    RecordedAnnouncements(Publisher publisher, JsonMapper json, Clock clock) {
      super(publisher, json, clock);
    }

    @Override
    void announce(String ticket, String stateJson) {
      states.add(stateJson);
    }

    long of(String ticket, TicketState state) {
      return states.stream()
          .filter(s -> s.contains(ticket) && s.contains('"' + state.name() + '"'))
          .count();
    }
  }

  record Answer(int status, JsonNode body, HttpResponse<String> raw) {
    String text(String field) {
      return body.path(field).asString("");
    }

    Answer hasStatus(int expected) {
      assertThat(status).as(raw.body()).isEqualTo(expected);
      return this;
    }

    Answer isProblem(int expected, String slug) {
      hasStatus(expected);
      assertThat(text("type")).isEqualTo("/problems/" + slug);
      return this;
    }
  }

  @LocalServerPort int port;
  @Autowired JsonMapper json;
  @Autowired ManualClock clock;
  @Autowired RecordedAnnouncements announcements;
  private final HttpClient http = HttpClient.newHttpClient();

  @BeforeEach
  void time() {
    clock.advanceSeconds(3600);
  }

  private Answer call(
      String method, String path, @Nullable String bearer, @Nullable String body, String... headers)
      throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (bearer != null) {
      request.header("Authorization", "Bearer " + bearer);
    }
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    HttpResponse<String> raw = http.send(request.build(), BodyHandlers.ofString());
    boolean isJson = raw.headers().firstValue("Content-Type").orElse("").contains("json");
    return new Answer(
        raw.statusCode(), isJson ? json.readTree(raw.body()) : json.createObjectNode(), raw);
  }

  private Answer create(String... headers) throws Exception {
    return call(
        "POST",
        "/v1/logins",
        null,
        "{\"provider\":\"app\",\"challenge\":\"%s\",\"challengeMethod\":\"S256\",\"clientHint\":{\"label\":\"Chrome on Windows\"}}"
            .formatted(BearerSecrets.hash(VERIFIER)),
        headers);
  }

  private Answer phone(Answer login, String act, String members) throws Exception {
    return call(
        "POST",
        "/v1/logins/" + login.text("ticket") + "/" + act,
        KEY,
        "{\"subject\":\"alice\"" + members + "}");
  }

  private Answer confirm(Answer login) throws Exception {
    return phone(login, "confirm", ",\"matchCode\":" + login.body().path("matchCode").asInt());
  }

  private Answer exchange(Answer login, String verifier, String... headers) throws Exception {
    return call(
        "POST",
        "/v1/logins/" + login.text("ticket") + "/exchange",
        login.text("watchToken"),
        "{\"verifier\":\"" + verifier + "\"}",
        headers);
  }

  private Answer redeem(String code) throws Exception {
    return call("POST", "/v1/grants/redeem", KEY, "{\"grantCode\":\"" + code + "\"}");
  }

  private Answer state(Answer login, String query) throws Exception {
    return call(
        "GET", "/v1/logins/" + login.text("ticket") + query, login.text("watchToken"), null);
  }

  /** Cases 36 and 37. */
  @Test
  void aLoginLeadsFromTheCodeToTheBackend() throws Exception {
    Answer login = create().hasStatus(201);
    assertThat(login.raw().headers().firstValue("Cache-Control"))
        .hasValueSatisfying(v -> assertThat(v).contains("no-store"));
    assertThat(login.raw().headers().firstValue("Location"))
        .contains("/v1/logins/" + login.text("ticket"));
    assertThat(login.raw().headers().firstValue("Set-Cookie").orElseThrow())
        .startsWith("__Host-qrb=")
        .contains("HttpOnly", "Secure", "SameSite=Strict", "Path=/");
    assertThat(login.body().path("version").asInt()).isOne();
    String content = login.body().path("qr").path("content").asString();
    assertThat(content).endsWith("/l/" + login.text("ticket"));
    String svg = login.body().path("qr").path("svg").asString();
    assertThat(QrImageTests.Picture.ofSvg(svg, 4).read().getText()).isEqualTo(content);

    Answer scanned = phone(login, "scan", "").hasStatus(200);
    assertThat(scanned.body().path("choices")).hasSize(3);
    assertThat(scanned.body().path("device").path("label").asString())
        .isEqualTo("Chrome on Windows");
    assertThat(phone(login, "scan", "").text("phoneToken")).isEqualTo(scanned.text("phoneToken"));
    assertThat(confirm(login).hasStatus(200).text("state")).isEqualTo("CONFIRMED");

    String code = exchange(login, VERIFIER).hasStatus(200).text("grantCode");
    Answer who = redeem(code).hasStatus(200);
    assertThat(who.text("subject")).isEqualTo("alice");
    assertThat(who.text("policy")).isEqualTo("EXPLICIT");
    redeem(code).isProblem(404, "grant-not-found");
    confirm(login).hasStatus(200);
    assertThat(state(login, "").isProblem(410, "ticket-gone").body().path("version").asInt())
        .isEqualTo(4);
    // R9: published states contain no user, code or secret.
    assertThat(String.join("", announcements.states))
        .doesNotContain("alice", code, login.text("watchToken"), "matchCode");
  }

  /** Case 107: pages of other sites cannot confirm. */
  @Test
  void aPhoneTokenConfirmsWithoutAnApiKey() throws Exception {
    Answer login = create();
    String token = phone(login, "scan", "").text("phoneToken");
    String path = "/v1/logins/" + login.text("ticket");
    String body =
        "{\"phoneToken\":\""
            + token
            + "\",\"matchCode\":"
            + login.body().path("matchCode").asInt()
            + "}";
    call("POST", path + "/scan", null, body).hasStatus(200);
    call("POST", path + "/confirm", null, body, "Origin", "https://evil.example")
        .isProblem(403, "origin-not-allowed");
    call("POST", path + "/confirm", null, body, "Sec-Fetch-Site", "cross-site")
        .isProblem(403, "origin-not-allowed");
    call("POST", path + "/confirm", null, body).hasStatus(200);
    call("POST", path + "/confirm", null, "{}").isProblem(401, "unauthenticated");
    call("POST", path + "/confirm", null, "{\"phoneToken\":\"" + "x".repeat(43) + "\"}")
        .isProblem(404, "ticket-not-found");
    call("POST", path + "/confirm", null, "{\"subject\":\"alice\"}")
        .isProblem(401, "unauthenticated");
  }

  /** Case 101, R1, R2. */
  @Test
  void theTicketAloneGivesNoAccess() throws Exception {
    Answer login = create();
    String path = "/v1/logins/" + login.text("ticket");
    for (String token : new String[] {null, "x".repeat(43), ""}) {
      call("GET", path, token, null).isProblem(404, "ticket-not-found");
      call("DELETE", path, token, null).isProblem(404, "ticket-not-found");
      call("POST", path + "/refresh", token, "{\"challenge\":\"" + "c".repeat(43) + "\"}")
          .isProblem(404, "ticket-not-found");
      call("POST", path + "/exchange", token, "{\"verifier\":\"" + VERIFIER + "\"}")
          .isProblem(404, "ticket-not-found");
      call("GET", path + "/image.svg", token, null).isProblem(404, "ticket-not-found");
    }
    state(login, "").hasStatus(200);
  }

  /** Case 102. */
  @Test
  void theWatchTokenWithoutTheVerifierCannotExchange() throws Exception {
    Answer login = create();
    exchange(login, VERIFIER).isProblem(409, "ticket-not-confirmed");
    phone(login, "scan", "");
    confirm(login);
    for (int miss = 1; miss <= 4; miss++) {
      exchange(login, "x".repeat(43)).isProblem(403, "browser-binding-failed");
    }
    exchange(login, VERIFIER, "Cookie", "__Host-qrb=" + "o".repeat(43))
        .isProblem(403, "browser-binding-failed");
    exchange(login, "x".repeat(43)).isProblem(403, "browser-binding-failed");
    assertThat(exchange(login, VERIFIER).isProblem(410, "ticket-gone").text("state"))
        .isEqualTo("CANCELLED");
  }

  /** The browser may have lost the first answer. Other callers get no grant. */
  @Test
  void aRepeatedExchangeGetsTheSameGrantUntilItIsRedeemed() throws Exception {
    Answer login = create();
    phone(login, "scan", "");
    confirm(login);
    String code = exchange(login, VERIFIER).hasStatus(200).text("grantCode");
    exchange(login, "x".repeat(43)).isProblem(403, "browser-binding-failed");
    exchange(login, VERIFIER, "Cookie", "__Host-qrb=" + "o".repeat(43))
        .isProblem(403, "browser-binding-failed");
    clock.advanceSeconds(45);
    assertThat(exchange(login, VERIFIER).hasStatus(200).text("grantCode")).isEqualTo(code);
    redeem(code).hasStatus(200);
    exchange(login, VERIFIER).isProblem(409, "grant-already-issued");
    redeem(code).isProblem(404, "grant-not-found");
  }

  @Test
  void revokedAndExpiredGrantsAreNotIssuedAgain() throws Exception {
    Answer reported = create();
    phone(reported, "scan", "");
    confirm(reported);
    String code = exchange(reported, VERIFIER).text("grantCode");
    phone(reported, "deny", ",\"report\":true");
    exchange(reported, VERIFIER).isProblem(409, "grant-already-issued");
    redeem(code).isProblem(404, "grant-not-found");

    Answer late = create();
    phone(late, "scan", "");
    confirm(late);
    exchange(late, VERIFIER).hasStatus(200);
    clock.advanceSeconds(60);
    exchange(late, VERIFIER).isProblem(409, "grant-already-issued");
  }

  /** The risk: a call with a wrong cookie revokes the grant of the browser with the right one. */
  @Test
  void anExchangeWithAnotherCookieDoesNotAffectTheOwnersGrant() throws Exception {
    Answer login = create();
    phone(login, "scan", "");
    confirm(login);
    exchange(login, VERIFIER, "Cookie", "__Host-qrb=" + "o".repeat(43))
        .isProblem(403, "browser-binding-failed");
    redeem(exchange(login, VERIFIER).hasStatus(200).text("grantCode")).hasStatus(200);
  }

  /** A page that is closed cannot know whether the user has just confirmed. */
  @Test
  void leavingThePageCancelsOnlyUnscannedLogins() throws Exception {
    Answer login = create();
    String path = "/v1/logins/" + login.text("ticket") + "?unscanned=true";
    phone(login, "scan", "");
    call("DELETE", path, login.text("watchToken"), null).isProblem(409, "ticket-in-use");
    confirm(login);
    call("DELETE", path, login.text("watchToken"), null).isProblem(409, "ticket-in-use");
    exchange(login, VERIFIER).hasStatus(200);
    Answer other = create();
    path = "/v1/logins/" + other.text("ticket") + "?unscanned=true";
    call("DELETE", path, other.text("watchToken"), null).hasStatus(204);
    call("DELETE", path, other.text("watchToken"), null).hasStatus(204);
  }

  /** Cases 43, 44 and 45. */
  @Test
  void aRefreshEndsTheOldCodeAndAutomaticOnesAreLimited() throws Exception {
    Answer login = create();
    String renew = "{\"auto\":true,\"challenge\":\"" + BearerSecrets.hash(VERIFIER) + "\"}";
    Answer first = login;
    for (int i = 1; i <= 5; i++) {
      String old = login.text("ticket");
      login =
          call("POST", "/v1/logins/" + old + "/refresh", login.text("watchToken"), renew)
              .hasStatus(201);
      assertThat(login.text("replaces")).isEqualTo(old);
    }
    String path = "/v1/logins/" + login.text("ticket") + "/refresh";
    call("POST", path, login.text("watchToken"), renew).isProblem(429, "refresh-limit");
    Answer manual =
        call("POST", path, login.text("watchToken"), renew.replace("true", "false")).hasStatus(201);
    assertThat(state(first, "").isProblem(410, "ticket-gone").text("state"))
        .isEqualTo("SUPERSEDED");
    phone(first, "scan", "").isProblem(410, "ticket-gone");
    phone(manual, "scan", "");
    String last = "/v1/logins/" + manual.text("ticket") + "/refresh";
    call("POST", last, manual.text("watchToken"), renew).isProblem(409, "ticket-in-use");
    call("POST", last, manual.text("watchToken"), renew.replace("{", "{\"force\":true,"))
        .hasStatus(201);
    assertThat(state(manual, "").text("state")).isEqualTo("CANCELLED");
  }

  /** Cases 40 and 49. */
  @Test
  void codesExpireAtTheDeadlineAndAreUnknownTenMinutesLater() throws Exception {
    Answer login = create();
    clock.advanceSeconds(120);
    phone(login, "scan", "").isProblem(410, "ticket-gone");
    clock.advanceSeconds(600);
    state(login, "").isProblem(404, "ticket-not-found");
  }

  /** Cases 46 and 47. */
  @Test
  void cancelAndDenyAreIdempotent() throws Exception {
    Answer login = create();
    String path = "/v1/logins/" + login.text("ticket");
    call("DELETE", path, login.text("watchToken"), null).hasStatus(204);
    call("DELETE", path, login.text("watchToken"), null).hasStatus(204);
    Answer other = create();
    phone(other, "scan", "");
    phone(other, "deny", "").hasStatus(204);
    phone(other, "deny", "").hasStatus(204);
    confirm(other).isProblem(410, "ticket-gone");
  }

  /** Case 46. */
  @Test
  void cancelAfterTheExchangeDoesNotRevokeTheGrant() throws Exception {
    Answer login = create();
    phone(login, "scan", "");
    confirm(login);
    String code = exchange(login, VERIFIER).hasStatus(200).text("grantCode");
    call("DELETE", "/v1/logins/" + login.text("ticket"), login.text("watchToken"), null)
        .hasStatus(204);
    redeem(code).hasStatus(200);
    assertThat(state(login, "").isProblem(410, "ticket-gone").text("state")).isEqualTo("CONSUMED");
  }

  /** Case 104, R4. */
  @Test
  void threeWrongMatchCodesEndTheLogin(CapturedOutput output) throws Exception {
    Answer login = create();
    phone(login, "scan", "");
    for (int left = 2; left >= 0; left--) {
      Answer wrong = phone(login, "confirm", ",\"matchCode\":1").isProblem(403, "match-code-wrong");
      assertThat(wrong.body().path("attemptsLeft").asInt()).isEqualTo(left);
    }
    assertThat(state(login, "").text("state")).isEqualTo("DENIED");
    assertThat(announcements.of(login.text("ticket"), TicketState.DENIED)).isOne();
    assertThat(output.getAll())
        .containsPattern("security: .*DENIED.* was denied after 3 wrong match codes");
  }

  /** Case 75. */
  @Test
  void aLongPollAnswersAtTheTransition() throws Exception {
    Answer login = create();
    var waiting =
        http.sendAsync(
            HttpRequest.newBuilder(
                    URI.create(
                        "http://127.0.0.1:"
                            + port
                            + "/v1/logins/"
                            + login.text("ticket")
                            + "?after=1&wait=20"))
                .header("Authorization", "Bearer " + login.text("watchToken"))
                .build(),
            BodyHandlers.ofString());
    phone(login, "scan", "");
    assertThat(waiting.get(15, java.util.concurrent.TimeUnit.SECONDS).body())
        .contains("\"SCANNED\"");
    Answer nothing = state(login, "?after=2&wait=1").hasStatus(304);
    assertThat(nothing.raw().headers().firstValue("ETag")).contains("\"2\"");
  }

  /** Case 75. */
  @Test
  void tooFrequentPollsAreAnsweredWithSlowDown() throws Exception {
    Answer login = create();
    Answer last = state(login, "");
    for (int i = 0; i < 10 && last.status() == 200; i++) {
      last = state(login, "");
    }
    last.isProblem(429, "slow-down");
    assertThat(last.raw().headers().firstValue("Retry-After")).isPresent();
  }

  @Test
  void creatingTwiceWithOneIdempotencyKeyMakesOneTicket() throws Exception {
    String key = "\"" + java.util.UUID.randomUUID() + "\"";
    Answer first = create("Idempotency-Key", key).hasStatus(201);
    assertThat(create("Idempotency-Key", key).hasStatus(201).body()).isEqualTo(first.body());
    call(
            "POST",
            "/v1/logins",
            null,
            "{\"challenge\":\"" + "c".repeat(43) + "\"}",
            "Idempotency-Key",
            key)
        .isProblem(422, "idempotency-key-reused");
  }

  /** R17. */
  @Test
  void aBrowserMayHaveThreeOpenCodes() throws Exception {
    String cookie = "__Host-qrb=" + BearerSecrets.make();
    for (int i = 0; i < 3; i++) {
      create("Cookie", cookie).hasStatus(201);
    }
    create("Cookie", cookie).isProblem(429, "too-many-tickets");
    clock.advanceSeconds(120);
    create("Cookie", cookie).hasStatus(201);
  }

  /** R16. */
  @Test
  void pagesOfOtherOriginsCannotCreateLogins() throws Exception {
    create("Origin", "https://evil.example").isProblem(403, "origin-not-allowed");
    create("Origin", "null").isProblem(403, "origin-not-allowed");
    create("Origin", "http://127.0.0.1:" + port).hasStatus(201);
  }

  /** Cases 106 and 107: R15, R22. */
  @Test
  void loadingThePagesChangesNoState() throws Exception {
    Answer login = create();
    for (int i = 0; i < 100; i++) {
      call("GET", "/l/" + login.text("ticket"), null, null).hasStatus(200);
    }
    Answer page = call("GET", "/l/" + "x".repeat(22), null, null).hasStatus(200);
    assertThat(page.raw().headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("frame-ancestors 'none'")
        .doesNotContain("unsafe-inline");
    assertThat(page.raw().headers().firstValue("Referrer-Policy")).contains("no-referrer");
    assertThat(state(login, "").hasStatus(200).text("state")).isEqualTo("ISSUED");
    call("GET", "/login", null, null).hasStatus(200);
    call("GET", "/assets/heliograph-login.js", null, null).hasStatus(200);
  }

  @Test
  void imagesNeedTheBrowsersCookieOrToken() throws Exception {
    Answer login = create();
    String cookie = login.raw().headers().firstValue("Set-Cookie").orElseThrow().split(";")[0];
    String path = "/v1/logins/" + login.text("ticket");
    Answer svg = call("GET", path + "/image.svg", null, null, "Cookie", cookie).hasStatus(200);
    assertThat(svg.raw().headers().firstValue("Content-Security-Policy"))
        .contains("default-src 'none'");
    assertThat(svg.raw().headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    call("GET", path + "/image.png?scale=16", login.text("watchToken"), null).hasStatus(200);
    for (String scale : List.of("0", "17", "abc")) {
      call("GET", path + "/image.png?scale=" + scale, login.text("watchToken"), null)
          .hasStatus(422);
    }
  }

  /** Case 52. */
  @Test
  void fiftyConcurrentConfirmationsAreOneTransition() throws Exception {
    Answer login = create();
    phone(login, "scan", "");
    AtomicInteger good = new AtomicInteger();
    TicketStoreContract.Race.of(
        50,
        _ -> {
          if (confirm(login).status() == 200) {
            good.incrementAndGet();
          }
        });
    assertThat(good).hasValue(50);
    assertThat(announcements.of(login.text("ticket"), TicketState.CONFIRMED)).isOne();
  }

  /** R1. */
  @Test
  void invalidAndTooLargeBodiesAreRefused() throws Exception {
    call("POST", "/v1/logins", null, "{\"provider\":\"app\"}").isProblem(400, "invalid-request");
    call(
            "POST",
            "/v1/logins",
            null,
            "{\"provider\":\"other\",\"challenge\":\"" + "c".repeat(43) + "\"}")
        .isProblem(400, "invalid-request");
    call("POST", "/v1/logins", null, "{\"x\":\"" + "x".repeat(20_000) + "\"}")
        .isProblem(413, "payload-too-large");
    call("POST", "/v1/grants/redeem", null, "{\"grantCode\":\"x\"}")
        .isProblem(401, "unauthenticated");
  }
}

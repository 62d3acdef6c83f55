package io.heliograph.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.login.LoginCalls.Answer;
import io.heliograph.support.Node;
import io.heliograph.support.RedisServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Logins whose browser, phone and backend use different nodes, whose clocks differ by a minute. */
@SuppressWarnings("NullAway.Init") // started before the tests
class TwoNodeLoginTests {

  private static final String CREATE =
      "{\"challenge\":\"" + BearerSecrets.hash(LoginCalls.VERIFIER) + "\"}";

  private static RedisServer redis;
  private static Node a;
  private static Node b;
  private static LoginCalls onA;
  private static LoginCalls onB;

  @BeforeAll
  static void start() {
    redis = RedisServer.running();
    a = node(Duration.ofSeconds(-30));
    b = node(Duration.ofSeconds(30));
    onA = new LoginCalls(a.port());
    onB = new LoginCalls(b.port());
  }

  private static Node node(Duration wrong) {
    Node node =
        Node.on(
            redis,
            Clock.offset(Clock.systemUTC(), wrong),
            "heliograph.security.api-keys[0].key=" + LoginCalls.KEY,
            "heliograph.security.api-keys[0].scopes=admin",
            "heliograph.callbacks.sources.shop.secrets[0].value=" + LoginCalls.SECRET,
            "heliograph.login.match-code=false",
            "heliograph.login.limits.per-address=100000",
            "heliograph.login.limits.scans-per-subject=100000");
    await().until(() -> node.manage("/actuator/health/readiness").statusCode() == 200);
    return node;
  }

  @AfterAll
  static void stop() {
    if (a != null) {
      a.close();
    }
    if (b != null) {
      b.close();
    }
    if (redis != null) {
      redis.close();
    }
  }

  /** Cases 77 and 85: by the nodes' own clocks the calls would be too early or too late. */
  @Test
  void aLoginWorksAcrossTwoNodesWithDifferentClocks() {
    Answer login = onA.create();
    String ticket = login.text("ticket");
    try (SubscribedBrowser browser = new SubscribedBrowser(a.port())) {
      browser.follow(ticket, login.text("watchToken"));
      assertThat(browser.snapshot().path("state").asString()).isEqualTo("ISSUED");
      onB.callback(Instant.now(), "login.scanned", ticket).hasStatus(204);
      assertThat(browser.state().path("state").asString()).isEqualTo("SCANNED");
      onB.call(
              "POST",
              "/v1/logins/" + ticket + "/confirm",
              LoginCalls.KEY,
              "{\"subject\":\"alice\"}")
          .hasStatus(200);
      assertThat(browser.state().path("state").asString()).isEqualTo("CONFIRMED");
      String code = onA.exchange(login).hasStatus(200).text("grantCode");
      assertThat(onB.redeem(code).hasStatus(200).text("subject")).isEqualTo("alice");
      onA.redeem(code).hasStatus(404);
      onB.exchange(login).hasStatus(409);
    }
  }

  @Test
  void aCallRepeatedOnTheOtherNodeGetsTheSameAnswer() {
    Answer login = onA.create();
    String scan = "/v1/logins/" + login.text("ticket") + "/scan";
    Answer first = onA.call("POST", scan, LoginCalls.KEY, "{\"subject\":\"alice\"}").hasStatus(200);
    Answer again = onB.call("POST", scan, LoginCalls.KEY, "{\"subject\":\"alice\"}").hasStatus(200);
    assertThat(first.text("phoneToken")).isNotEmpty();
    assertThat(again.text("phoneToken")).isEqualTo(first.text("phoneToken"));
    onB.call("POST", scan, LoginCalls.KEY, "{\"subject\":\"mallory\"}").hasStatus(409);
  }

  @Test
  void oneIdempotencyKeyMakesOneTicketOnAllNodesAndRedisHoldsNoSecret() {
    String key = "\"" + UUID.randomUUID() + "\"";
    Answer first =
        onA.call("POST", "/v1/logins", null, CREATE, "Idempotency-Key", key).hasStatus(201);
    Answer again =
        onB.call("POST", "/v1/logins", null, CREATE, "Idempotency-Key", key).hasStatus(201);
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(cookie(again)).startsWith("__Host-qrb=").isEqualTo(cookie(first));
    onB.call(
            "POST",
            "/v1/logins",
            null,
            "{\"challenge\":\"" + "c".repeat(43) + "\"}",
            "Idempotency-Key",
            key)
        .hasStatus(422);
    String inRedis =
        """
        local found = 0
        for _, key in ipairs(redis.call('KEYS', '*')) do
          if redis.call('TYPE', key).ok == 'hash' then
            for _, text in ipairs(redis.call('HVALS', key)) do
              if string.find(text, ARGV[1], 1, true) then
                found = found + 1
              end
            end
          end
        end
        return found
        """;
    assertThat(redis.command("EVAL", inRedis, "0", first.text("watchToken"))).isEqualTo(":0");
    assertThat(redis.command("EVAL", inRedis, "0", BearerSecrets.hash(first.text("watchToken"))))
        .isEqualTo(":1");
  }

  private static String cookie(Answer answer) {
    return answer.cookies().getFirst().split(";", 2)[0];
  }

  /** Case 79. */
  @Test
  void aLoginSurvivesTheFailureOfTheNodeThatConfirmedIt() {
    Node dying = node(Duration.ZERO);
    LoginCalls onDying = new LoginCalls(dying.port());
    Answer login;
    try (SubscribedBrowser browser = new SubscribedBrowser(dying.port())) {
      login = onDying.create();
      browser.follow(login.text("ticket"), login.text("watchToken")).snapshot();
      onDying.scan(login.text("ticket")).hasStatus(200);
      onDying.confirm(login.text("ticket"), 0).hasStatus(200);
      browser.cut();
    } finally {
      dying.close();
    }
    try (SubscribedBrowser back = new SubscribedBrowser(b.port())) {
      back.follow(login.text("ticket"), login.text("watchToken"));
      assertThat(back.snapshot().path("state").asString()).isEqualTo("CONFIRMED");
      String code = onB.exchange(login).hasStatus(200).text("grantCode");
      onA.redeem(code).hasStatus(200);
    }
  }

  @Test
  void aOneUseTokenIsValidOnceOnAllNodes() throws Exception {
    String token =
        Node.json(a.post("/v1/tokens", "{\"user\":\"alice\",\"once\":true}"))
            .get("token")
            .asString();
    AtomicInteger opened = new AtomicInteger();
    try (HttpClient http = HttpClient.newHttpClient()) {
      List<CompletableFuture<?>> handshakes = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        int port = i % 2 == 0 ? a.port() : b.port();
        handshakes.add(
            http.newWebSocketBuilder()
                .header("Authorization", "Bearer " + token)
                .buildAsync(
                    URI.create("ws://127.0.0.1:" + port + "/ws"), new WebSocket.Listener() {})
                .handle(
                    (socket, _) -> {
                      if (socket != null) {
                        opened.incrementAndGet();
                        socket.abort();
                      }
                      return null;
                    }));
      }
      CompletableFuture.allOf(handshakes.toArray(CompletableFuture<?>[]::new)).join();
    }
    assertThat(opened).hasValue(1);
  }

  /** Case 80. */
  @Test
  void withoutRedisEachStepFailsPromptlyAndWorksLater() {
    Answer toScan = onA.create();
    Answer toExchange = onA.create();
    onA.scan(toExchange.text("ticket")).hasStatus(200);
    onA.confirm(toExchange.text("ticket"), 0).hasStatus(200);
    String id = LoginCalls.newId();
    String scan = "{\"ticket\":\"" + toScan.text("ticket") + "\",\"subject\":\"alice\"}";
    redis.save();
    redis.kill();
    try {
      assertUnavailable(onA.call("POST", "/v1/logins", null, CREATE));
      assertUnavailable(onA.call("POST", "/v1/logins", null, CREATE, "Idempotency-Key", "\"k\""));
      assertUnavailable(onB.callback(id, Instant.now(), "login.scanned", scan));
      assertUnavailable(onB.exchange(toExchange));
      assertUnavailable(onB.redeem("x".repeat(43)));
    } finally {
      redis.start();
    }
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                a.push("everyone", "back").statusCode() == 202
                    && b.push("everyone", "back").statusCode() == 202);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> onB.callback(id, Instant.now(), "login.scanned", scan).status() == 204);
    String code = onB.exchange(toExchange).hasStatus(200).text("grantCode");
    onA.redeem(code).hasStatus(200);
    onA.call("POST", "/v1/logins", null, CREATE, "Idempotency-Key", "\"k\"").hasStatus(201);
    assertThat(redis.command("ZCARD", "heliograph:{logins}:open")).isNotEqualTo(":0");
  }

  private static void assertUnavailable(Answer answer) {
    answer.hasStatus(503);
    assertThat(answer.text("type")).isEqualTo("/problems/store-unavailable");
    assertThat(answer.body().path("retryAfter").asInt()).isPositive();
  }
}

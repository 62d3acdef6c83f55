package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.heliograph.hub.HubParts;
import io.heliograph.support.LogScan;
import io.heliograph.support.RawFrame;
import io.heliograph.support.RawSocket;
import io.heliograph.web.OriginPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;

/** The risk: who may come in stays outside without learning why, or who may not comes in. */
@TestPropertySource(
    properties = {
      "heliograph.websocket.allowed-origins=https://shop.example,https://App.example:443",
      "heliograph.security.tokens.refused-per-address=6",
      "heliograph.login.limits.per-address=1000"
    })
class AdmissionTests extends BlackBox {

  private static final String LOGIN = "{\"challenge\":\"" + "V".repeat(43) + "\"}";
  private static final String JSON = "Content-Type: application/json";

  @Autowired HubParts parts;

  private static String bearer(String token) {
    return "Sec-WebSocket-Protocol: heliograph.v1.json, bearer." + token;
  }

  private String headFrom(String from, String... headers) {
    try (RawSocket line = RawSocket.connect(port, from)) {
      return line.send(RawSocket.handshake("/ws", headers)).readHead();
    }
  }

  private String head(String... headers) {
    return headFrom("127.0.0.1", headers);
  }

  // The token of a page ---------------------------------------------------------------------------

  private void getsACloseCode(String from, String token) {
    double unauthorized = count("heliograph.handshakes", "outcome", "unauthorized");
    double accepted = count("heliograph.handshakes", "outcome", "accepted");
    int sessions = parts.registry().size();
    try (RawSocket page = RawSocket.connect(port, from)) {
      page.send(RawSocket.handshake("/ws", "Origin: http://localhost", bearer(token)));
      assertThat(page.readHead()).startsWith("HTTP/1.1 101 ");
      RawFrame close = page.read();
      assertThat(close.opcode()).isEqualTo(RawFrame.CLOSE);
      assertThat(close.closeCode()).isEqualTo(4401);
      assertThat(close.text().substring(2)).isNotBlank();
      page.send(RawFrame.text("{\"type\":\"ping\"}"), RawFrame.close(4401, ""));
      assertThat(page.ends()).isTrue();
    }
    assertThat(parts.registry().size()).isEqualTo(sessions);
    assertThat(count("heliograph.handshakes", "outcome", "unauthorized"))
        .isEqualTo(unauthorized + 1);
    assertThat(count("heliograph.handshakes", "outcome", "accepted")).isEqualTo(accepted);
  }

  @Test
  void aPageWithABadTokenGetsACloseCode() {
    getsACloseCode("127.0.0.11", "nonsense");
    getsACloseCode("127.0.0.11", "");
  }

  @Test
  void aPageWithAnExpiredTokenGetsACloseCode() {
    String token = backend.token(fresh("late"), "2s", new String[0]);
    clock.advance(Duration.ofSeconds(40));
    getsACloseCode("127.0.0.12", token);
  }

  @Test
  void aProgramWithABadTokenGetsAStatus() {
    assertThat(headFrom("127.0.0.13", "Authorization: Bearer nonsense"))
        .startsWith("HTTP/1.1 401 ")
        .contains("WWW-Authenticate: Bearer");
  }

  @Test
  void oneAddressIsAnsweredABoundedNumberOfTimesAndAnotherStillIs() {
    for (int i = 0; i < 6; i++) {
      getsACloseCode("127.0.0.14", "nonsense");
    }
    assertThat(headFrom("127.0.0.14", "Origin: http://localhost", bearer("nonsense")))
        .startsWith("HTTP/1.1 429 ")
        .containsPattern("Retry-After: ([1-9]|10)\r\n");
    getsACloseCode("127.0.0.15", "nonsense");
    assertThat(headFrom("127.0.0.14", "Origin: http://localhost")).startsWith("HTTP/1.1 101 ");
  }

  @Test
  void aRefusedSocketHasAPlaceInTheLimitsAndGivesItBack() {
    for (int i = 0; i < 3; i++) {
      getsACloseCode("127.0.0.16", "nonsense");
    }
    await()
        .untilAsserted(
            () -> {
              assertThat(parts.limits().take("127.0.0.16")).hasToString("FREE");
              parts.limits().giveBack("127.0.0.16");
            });
    alive();
  }

  @Test
  void theBasicAuthenticationOfAProxyIsNoTokenOfThePage() {
    String user = fresh("basic");
    String basic = "Authorization: Basic YTpi";
    try (RawSocket page = RawSocket.connect(port)) {
      page.send(
          RawSocket.handshake(
              "/ws", "Origin: http://localhost", basic, bearer(backend.token(user))));
      assertThat(page.readHead()).startsWith("HTTP/1.1 101 ");
      assertThat(page.read().text()).contains("\"welcome\"").contains(user);
    }
    try (RawSocket page = RawSocket.connect(port)) {
      page.send(RawSocket.handshake("/ws", "Origin: http://localhost", basic));
      assertThat(page.readHead()).startsWith("HTTP/1.1 101 ");
      assertThat(page.read().text()).contains("\"welcome\"");
    }
  }

  @Test
  void aUserOfAnIdentityProviderIsPushedTo() {
    String user = fresh("auth0|5f7c");
    var tab = browser.connect(user);
    assertThat(
            backend
                .post(
                    "/v1/channels/user:" + user.replace("|", "%7C") + "/messages",
                    "{\"data\":\"hi\"}")
                .status())
        .isEqualTo(202);
    tab.receives("hi").thenNothing();
    assertThat(backend.get("/v1/channels/user:" + user.replace("|", "%7C")).status())
        .isEqualTo(200);
  }

  // Origins ---------------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://localhost",
        "http://LOCALHOST:80",
        "https://shop.example",
        "HTTPS://SHOP.example:443",
        "https://app.example"
      })
  void allowedOriginsAreAddedToTheOwn(String origin) {
    assertThat(head("Origin: " + origin)).startsWith("HTTP/1.1 101 ");
    var created = backend.raw("POST /v1/logins", LOGIN, JSON, "Origin: " + origin);
    assertThat(created.status()).as(created.body()).isEqualTo(201);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://shop.example",
        "https://shop.example:444",
        "https://shop.example.evil.example",
        "https://evil.example",
        "https://shop.example/",
        "null",
        "chrome-extension://abc",
        "https://shop.example, https://shop.example"
      })
  void allOthersAreForeignByEveryWayIn(String origin) {
    assertThat(head("Origin: " + origin)).startsWith("HTTP/1.1 403 ");
    var refused = backend.raw("POST /v1/logins", LOGIN, JSON, "Origin: " + origin);
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.text("detail")).contains("heliograph.websocket.allowed-origins");
  }

  @Test
  void aRefusedOriginIsLoggedWithWhatToChangeAtABoundedRateAndCannotForgeALogLine() {
    var logger = (Logger) LoggerFactory.getLogger(OriginPolicy.class);
    var lines = new ListAppender<ILoggingEvent>();
    lines.start();
    logger.addAppender(lines);
    try {
      // Whatever other tests took of the rate is back after a minute; so this waits for one line.
      await()
          .atMost(Duration.ofMinutes(2))
          .until(
              () -> {
                head("Origin: https://evil\u009b\u00e9.example/" + "x".repeat(2_000));
                return !lines.list.isEmpty();
              });
      assertThat(lines.list.getFirst().getFormattedMessage())
          .contains("https://evil??.example/", "http://localhost")
          .contains("heliograph.websocket.allowed-origins", "heliograph.server.trusted-proxies")
          .hasSizeLessThan(700);
      for (int i = 0; i < 50; i++) {
        head("Origin: https://evil.example");
      }
      assertThat(lines.list).hasSizeLessThan(20);
    } finally {
      logger.detachAppender(lines);
    }
  }

  // CORS ------------------------------------------------------------------------------------------

  @Test
  void aPageOfAnAllowedOriginMayLoadTheLibraryAndLogIn() {
    String origin = "Origin: https://shop.example";
    for (String path :
        List.of(
            "/heliograph.js",
            "/heliograph.min.js",
            "/heliograph.min-0123456789abcdef.js",
            "/heliograph.d.ts",
            "/assets/heliograph-login.js")) {
      var file = backend.raw("GET " + path, "", origin);
      assertThat(file.status()).isEqualTo(200);
      assertThat(file.headers().firstValue("Access-Control-Allow-Origin"))
          .hasValue("https://shop.example");
      assertThat(file.headers().allValues("Vary")).contains("Origin");
      assertThat(file.headers().firstValue("Access-Control-Allow-Credentials")).isEmpty();
    }
    var preflight =
        backend.raw(
            "OPTIONS /v1/logins",
            "",
            origin,
            "Access-Control-Request-Method: POST",
            "Access-Control-Request-Headers: content-type");
    assertThat(preflight.status()).isEqualTo(204);
    assertThat(preflight.headers().firstValue("Access-Control-Allow-Headers").orElse(""))
        .contains("Authorization", "Content-Type");
    var created = backend.raw("POST /v1/logins", LOGIN, JSON, origin);
    assertThat(created.status()).isEqualTo(201);
    assertThat(created.headers().firstValue("Access-Control-Allow-Origin"))
        .hasValue("https://shop.example");
    assertThat(created.headers().firstValue("Access-Control-Allow-Credentials")).hasValue("true");
    // The page cannot have stored the cookie, so the exchange must not depend on it.
    String ticket = "/v1/logins/" + created.text("ticket");
    String watch = "Authorization: Bearer " + LogScan.secret(created.text("watchToken"));
    var state = backend.raw("GET " + ticket, "", origin, watch);
    assertThat(state.status()).isEqualTo(200);
    assertThat(state.headers().firstValue("Access-Control-Allow-Origin"))
        .hasValue("https://shop.example");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/channels/everyone/messages",
        "/v1/tokens",
        "/v1/grants/redeem",
        "/callbacks/shop",
        "/"
      })
  void whatPagesDoNotNeedIsNotShared(String path) {
    var preflight =
        backend.raw(
            "OPTIONS " + path,
            "",
            "Origin: https://shop.example",
            "Access-Control-Request-Method: POST");
    assertThat(preflight.headers().map().keySet())
        .noneMatch(name -> name.toLowerCase(java.util.Locale.ROOT).startsWith("access-control"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/heliograph.js",
        "/assets/login.js",
        "/login",
        "/livez",
        "/openapi.json",
        "/ws",
        "/v1/logins",
        "/v1/logins/AAAAAAAAAAAAAAAAAAAAAA",
        "/v1/channels/everyone/messages",
        "/v1/tokens",
        "/callbacks/shop",
        "/nowhere"
      })
  void optionsListsNothingThatIsNotServed(String path) {
    var answer = backend.raw("OPTIONS " + path, "");
    assertThat(String.join(",", answer.headers().allValues("Allow")))
        .doesNotContain("TRACE", "PUT", "PATCH");
  }

  // Hosts -----------------------------------------------------------------------------------------

  @Test
  void aLoginWithoutAHostIsRefusedAndSaysWhatToSet() {
    try (RawSocket old = RawSocket.connect(port)) {
      old.send(
          "POST /v1/logins HTTP/1.0\r\n%s\r\nContent-Length: %d\r\n\r\n%s"
              .formatted(JSON, LOGIN.length(), LOGIN));
      String head = old.readHead();
      assertThat(head).containsPattern("^HTTP/1\\.[01] 400 ");
      assertThat(old.readRest()).contains("heliograph.login.public-base-url");
    }
  }

  @Test
  void clientsAreNotAskedToComeBackAllAtOnce() {
    List<String> times = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      String head = headFrom("127.0.0.17", "Origin: http://localhost", bearer("nonsense"));
      if (head.startsWith("HTTP/1.1 429 ")) {
        times.add(head.replaceAll("(?s).*Retry-After: (\\d+).*", "$1"));
      }
    }
    assertThat(times).hasSizeGreaterThan(20);
    assertThat(times.stream().distinct().count()).isGreaterThan(3);
  }
}

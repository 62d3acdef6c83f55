package io.heliograph.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalManagementPort;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Security of the main port over real HTTP: unauthenticated callers, backends and attackers. */
@SpringBootTest(
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = {
      "management.server.port=0",
      "heliograph.security.api-key=" + MainPortSecurityTests.ALL,
      "heliograph.security.api-keys[0].name=pusher",
      "heliograph.security.api-keys[0].key=" + MainPortSecurityTests.PUSH,
      "heliograph.security.api-keys[0].scopes=push"
    })
class MainPortSecurityTests {

  static final String ALL = "Zk3v9QpL7xWc2TnR8yBf5HsJ1mDg6Ua4";
  static final String PUSH = "b7Tq2XwN9cKe5RzV1pLs8YgM4hFj6Da3";

  @TestConfiguration
  static class Routes {
    @RestController
    static class Open {
      @GetMapping("/v1/forgotten")
      String forgotten() {
        return "reached";
      }

      @GetMapping("/unlisted")
      String unlisted() {
        return "reached";
      }

      @RequiresScope(Scope.PUSH)
      @PostMapping("/v1/anything")
      JsonNode anything(@RequestBody JsonNode body) {
        return body;
      }

      @RequiresScope(Scope.PUSH)
      @GetMapping("/v1/broken")
      String broken() {
        throw new IllegalStateException("inner detail");
      }
    }
  }

  @LocalServerPort int port;
  @LocalManagementPort int managementPort;
  @Autowired BrowserTokens tokens;

  private final HttpClient http = HttpClient.newHttpClient();

  @ParameterizedTest
  @ValueSource(strings = {"", "Bearer", "Bearer ", "Bearer nonsense", "Basic YTpi"})
  void withoutAKnownKeyTheApiAnswers401(String authorization) throws Exception {
    HttpRequest.Builder request = post("/v1/tokens", "{}");
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    HttpResponse<String> answer = send(request);
    assertProblem(answer, 401, "unauthenticated");
    assertThat(answer.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
    assertThat(answer.headers().firstValue("Set-Cookie")).isEmpty();
  }

  @Test
  void aBrowserTokenIsNotAcceptedAsApiKey() throws Exception {
    String token =
        tokens
            .issue(
                "alice",
                java.util.Set.of(),
                java.util.Set.of(),
                false,
                java.time.Duration.ofMinutes(1),
                false)
            .token();
    assertProblem(
        send(post("/v1/tokens", "{}").header("Authorization", "Bearer " + token)),
        401,
        "unauthenticated");
  }

  @Test
  void severalAuthorizationHeadersAreRefused() throws Exception {
    HttpRequest.Builder request =
        post("/v1/tokens", "{\"user\":\"alice\"}")
            .header("Authorization", "Bearer " + ALL)
            .header("Authorization", "Bearer " + ALL);
    assertProblem(send(request), 401, "unauthenticated");
  }

  @Test
  void theAnswerToAKeyWithoutTheScopeNamesTheScope() throws Exception {
    HttpResponse<String> answer =
        send(post("/v1/tokens", "{\"user\":\"alice\"}").header("Authorization", "Bearer " + PUSH));
    assertProblem(answer, 403, "forbidden");
    assertThat(json(answer).path("detail").asString()).contains("tokens");
  }

  @Test
  void aHandlerWithoutAScopeIsForbiddenForAll() throws Exception {
    assertProblem(
        send(get("/v1/forgotten").header("Authorization", "Bearer " + ALL)), 403, "forbidden");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/actuator",
        "/actuator/health",
        "/actuator/prometheus",
        "/actuator/env",
        "/actuator/heapdump",
        "/health",
        "/jolokia",
        "/h2-console",
        "/swagger-ui.html",
        "/v3/api-docs",
        "/unlisted",
        "/error",
        "/application.yml",
        "/META-INF/spring.factories",
        "/echo"
      })
  void unlistedPathsAreNotFoundWithAndWithoutAKey(String path) throws Exception {
    assertProblem(send(get(path)), 404, "not-found");
    assertProblem(send(get(path).header("Authorization", "Bearer " + ALL)), 404, "not-found");
  }

  @Test
  void anUnknownPathOfTheApiIs401WithoutAKeyAnd404WithOne() throws Exception {
    assertProblem(send(get("/v1/nothing")), 401, "unauthenticated");
    assertProblem(
        send(get("/v1/nothing").header("Authorization", "Bearer " + ALL)), 404, "not-found");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/livez/..;/actuator/env",
        "/..;/actuator/env",
        "/%2e%2e/actuator/env",
        "//actuator/env",
        "/actuator;a=b/env",
        "/v1/..%2f..%2factuator/env",
        "/%00",
        "/v1/a%0d%0aSet-Cookie:x=y"
      })
  void evasiveSpellingsOfPathsAreRefused(String path) throws Exception {
    String answer = raw("GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assertThat(answer)
        .startsWith("HTTP/1.1 40")
        .contains("application/problem+json")
        .doesNotContain("Set-Cookie");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GARBAGE\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nBad Header: x\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\u0000b\r\nConnection: close\r\n\r\n"
      })
  void malformedHttpIsAnsweredWithAProblem(String request) throws Exception {
    assertThat(raw(request))
        .contains(" 400 ")
        .contains("/problems/invalid-request")
        .doesNotContain("<html")
        .doesNotContain("jetty")
        .doesNotContain("Jetty");
  }

  @Test
  void tooLargeHeadersAreAnsweredWithAProblem() throws Exception {
    assertThat(raw("GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(20_000) + "\r\n\r\n"))
        .contains(" 431 ")
        .contains("/problems/headers-too-large");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nope",
        "{",
        "{\"user\":\"a\",\"user\":\"b\"}",
        "{\"user\":1}",
        "{\"user\":true}",
        "[]",
        "\"x\"",
        "{\"user\":\"a\"} trailing",
        "{\"user\":\"a\",\"ttl\":NaN}",
        "{\"channels\":\"topic:a\"}",
        "\ufeff{",
        "{\"user\":\"\"}",
        "{\"user\":\"a\\r\\nb\"}",
        "{\"user\":\"{a}\"}",
        "{\"user\":\"\\ud800\"}",
        "{}",
        "{\"user\":\"a\",\"channels\":[\"nope:a\"]}",
        "{\"user\":\"a\",\"channels\":[null]}",
        "{\"user\":\"a\",\"channels\":[\"login:AAAAAAAAAAAAAAAAAAAAAA\"]}",
        "{\"user\":\"a\",\"ttl\":\"0s\"}",
        "{\"user\":\"a\",\"ttl\":\"25h\"}",
        "{\"user\":\"a\",\"ttl\":\"-1m\"}",
        "{\"user\":\"a\",\"ttl\":\"soon\"}",
        "{\"user\":\"a\",\"ttl\":\"99999999999999999999d\"}",
        "null",
        "{\"user\":\"a\",\"ttl\":\"9223372036854775807d\"}"
      })
  void theProblemOfAnInvalidBodyNamesTheField(String body) throws Exception {
    HttpResponse<String> answer =
        send(post("/v1/tokens", body).header("Authorization", "Bearer " + ALL));
    assertProblem(answer, 400, "invalid-request");
    assertThat(json(answer).path("errors").isArray()).isTrue();
    assertThat(answer.body())
        .doesNotContain("io.heliograph")
        .doesNotContain("tools.jackson")
        .doesNotContain("java.");
  }

  @Test
  void depthNumbersAndDuplicateFieldsAreBoundedInArbitraryJson() throws Exception {
    for (String body :
        new String[] {
          "[".repeat(10_000) + "]".repeat(10_000),
          "[".repeat(65) + "]".repeat(65),
          "1".repeat(60_000),
          "{\"a\":{\"b\":1,\"b\":2}}"
        }) {
      assertProblem(
          send(post("/v1/anything", body).header("Authorization", "Bearer " + PUSH)),
          400,
          "invalid-request");
    }
    assertThat(
            send(post("/v1/anything", "[".repeat(60) + "]".repeat(60))
                    .header("Authorization", "Bearer " + PUSH))
                .statusCode())
        .isEqualTo(200);
  }

  /** Repeated, because a connection that is closed too early loses the answer only sometimes. */
  @RepeatedTest(30)
  void aTooLargeBodyIsAnsweredWith413WithAndWithoutContentLength() throws Exception {
    String body = "\"" + "x".repeat(1 << 20) + "\"";
    assertProblem(
        send(post("/v1/anything", body).header("Authorization", "Bearer " + PUSH)),
        413,
        "payload-too-large");
    HttpRequest.Builder chunked =
        get("/v1/anything")
            .POST(
                BodyPublishers.ofInputStream(
                    () -> new java.io.ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8))))
            .header("Content-Type", "application/json")
            .header("Authorization", "Bearer " + PUSH);
    assertProblem(send(chunked), 413, "payload-too-large");
    assertThat(send(get("/livez")).statusCode()).isEqualTo(200);
  }

  @Test
  void wrongMethodMediaTypeAndAcceptHaveTheirOwnProblems() throws Exception {
    HttpResponse<String> method = send(get("/v1/tokens").header("Authorization", "Bearer " + ALL));
    assertProblem(method, 405, "method-not-allowed");
    assertThat(method.headers().firstValue("Allow")).hasValue("POST");
    HttpRequest.Builder text =
        get("/v1/tokens")
            .POST(BodyPublishers.ofString("x"))
            .header("Content-Type", "text/plain")
            .header("Authorization", "Bearer " + ALL);
    assertProblem(send(text), 415, "unsupported-media-type");
    assertProblem(
        send(
            post("/v1/tokens", "{\"user\":\"a\"}")
                .header("Accept", "text/html")
                .header("Authorization", "Bearer " + ALL)),
        406,
        "not-acceptable");
  }

  @Test
  void a500RevealsNoInternals() throws Exception {
    HttpResponse<String> answer = send(get("/v1/broken").header("Authorization", "Bearer " + ALL));
    assertProblem(answer, 500, "internal-error");
    assertThat(answer.body()).doesNotContain("inner detail").doesNotContain("Exception");
  }

  @Test
  void anIssuedTokenVerifies() throws Exception {
    HttpResponse<String> answer =
        send(
            post(
                    "/v1/tokens",
                    "{\"user\":\"alice\",\"channels\":[\"topic:news\"],\"ttl\":\"PT5M\"}")
                .header("Authorization", "Bearer " + ALL));
    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(answer.headers().firstValue("Cache-Control").orElseThrow()).contains("no-store");
    var verified = (Verification.Accepted) tokens.verify(json(answer).path("token").asString());
    assertThat(verified.token().user()).isEqualTo("alice");
    assertThat(verified.token().expiresAt()).isEqualTo(json(answer).path("expiresAt").asString());
  }

  @Test
  void everyAnswerHasTheSecurityHeaders() throws Exception {
    HttpResponse<String> answer =
        send(get("/livez").header("X-Forwarded-Host", "evil").header("X-User-Id", "root"));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'self'")
        .contains("frame-ancestors 'none'")
        .doesNotContain("unsafe");
    assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(answer.headers().firstValue("Referrer-Policy")).hasValue("no-referrer");
    assertThat(answer.headers().firstValue("Server")).isEmpty();
    assertThat(answer.headers().firstValue("Set-Cookie")).isEmpty();
    assertThat(answer.headers().firstValue("X-Request-Id")).isPresent();
  }

  @Test
  void probesAreOnTheMainPortAndMetricsOnlyOnTheManagementPort() throws Exception {
    assertThat(send(get("/livez")).statusCode()).isEqualTo(200);
    assertThat(send(get("/readyz")).statusCode()).isEqualTo(200);
    assertThat(management("/actuator/health")).isEqualTo(200);
    assertThat(management("/actuator/prometheus")).isEqualTo(200);
    assertThat(management("/actuator/env")).isEqualTo(404);
    assertThat(management("/actuator/heapdump")).isEqualTo(404);
    assertThat(management("/v1/tokens")).isEqualTo(404);
  }

  @Test
  void eachProblemTypeHasAPage() throws Exception {
    HttpResponse<String> page = send(get("/problems/unauthenticated"));
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(json(page).path("status").asInt()).isEqualTo(401);
    assertProblem(send(get("/problems/nope")), 404, "not-found");
  }

  private int management(String path) throws Exception {
    return http.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + managementPort + path)).build(),
            BodyHandlers.ofString())
        .statusCode();
  }

  private static void assertProblem(HttpResponse<String> answer, int status, String slug) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    JsonNode problem = json(answer);
    assertThat(problem.path("type").asString()).isEqualTo("/problems/" + slug);
    assertThat(problem.path("status").asInt()).isEqualTo(status);
    assertThat(problem.path("title").asString()).isNotEmpty();
    assertThat(problem.path("detail").asString()).isNotEmpty();
    assertThat(problem.path("instance").asString())
        .isEqualTo("urn:uuid:" + answer.headers().firstValue("X-Request-Id").orElseThrow());
  }

  private static JsonNode json(HttpResponse<String> answer) {
    return JsonMapper.shared().readTree(answer.body());
  }

  private HttpRequest.Builder get(String path) {
    return HttpRequest.newBuilder(URI.create("http://localhost:" + port + path));
  }

  private HttpRequest.Builder post(String path, String body) {
    return get(path).POST(BodyPublishers.ofString(body)).header("Content-Type", "application/json");
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private String raw(String request) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(5_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}

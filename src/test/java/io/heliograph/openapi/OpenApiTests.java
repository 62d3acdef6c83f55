package io.heliograph.openapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.heliograph.server.HandshakeOutcome;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The published contract says what the code does, and the code does what the contract says. */
@SpringBootTest(
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = {
      "management.server.port=0",
      "heliograph.security.api-key=" + OpenApiTests.KEY,
      "heliograph.login.public-base-url=https://push.example.com",
      "heliograph.callbacks.sources.shop.secrets[0].value=" + LoginWalk.SECRET,
      "heliograph.callbacks.sources.shop.allowed-origins=shop.example.com",
      "heliograph.wechat.accounts.main.original-id=gh_1",
      "heliograph.wechat.accounts.main.app-id=wx1",
      "heliograph.wechat.accounts.main.app-secret=app-secret",
      "heliograph.wechat.accounts.main.token=" + LoginWalk.WECHAT_TOKEN,
      "heliograph.wechat.accounts.main.allow-plaintext=true",
      "heliograph.wechat.accounts.site.kind=open-platform",
      "heliograph.wechat.accounts.site.app-id=wx2",
      "heliograph.wechat.accounts.site.app-secret=app-secret"
    })
class OpenApiTests {

  static final String KEY = "wR4kTz9bNq2XvL7cYs5HfJ8mPd3Ga6Ue";

  /** Documented, though no controller has them; the calls below show that they are there. */
  private static final Set<String> WITHOUT_CONTROLLER =
      Set.of(
          "GET /livez",
          "GET /readyz",
          "GET /openapi.json",
          "GET /ws",
          "GET /events",
          "POST /events/token",
          "DELETE /events/token",
          "GET /poll");

  private static final Pattern SESSION = Pattern.compile("\"session\":\"([A-Za-z0-9_-]{22})\"");

  @LocalServerPort int port;
  @Autowired JsonMapper json;

  @Autowired
  @Qualifier("requestMappingHandlerMapping")
  RequestMappingHandlerMapping mapping;

  private final HttpClient http = HttpClient.newHttpClient();
  private Document document;

  /** {@code GET /v1/sessions 200}, as they come. */
  private final Set<String> seen = new HashSet<>();

  @BeforeEach
  void read() throws Exception {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/openapi.json"))
                .build(),
            BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/json");
    document = new Document(json.readTree(response.body()));
  }

  @Test
  void theDocumentAndTheControllersSayTheSame() {
    assertThat(Operation.differences(Routes.operations(mapping), documented(document))).isEmpty();
  }

  /** Generators of clients fail at a body without one. */
  @Test
  void everyBodyHasASchema() {
    List<String> without = new ArrayList<>();
    document.eachOperation(
        (call, node) ->
            node.findValues("content")
                .forEach(
                    content ->
                        content
                            .properties()
                            .forEach(
                                media -> {
                                  if (!media.getValue().has("schema")) {
                                    without.add(call + ' ' + media.getKey());
                                  }
                                })));
    assertThat(without).isEmpty();
  }

  static Stream<Arguments> lies() {
    return Stream.of(
        lie("GET /v1/sessions is only in the code", paths -> paths.remove("/v1/sessions")),
        lie(
            "GET /v1/ghosts is only in the document",
            paths -> paths.set("/v1/ghosts", paths.get("/v1/sessions"))),
        lie(
            "GET /v1/sessions: scope 'push' is only in the document",
            paths -> at(paths, "/~1v1~1sessions/get").put("x-scope", "push")),
        lie(
            "GET /v1/sessions: status '401' is only in the code",
            paths -> at(paths, "/~1v1~1sessions/get/responses").remove("401")),
        lie(
            "GET /v1/sessions: status '418' is only in the document",
            paths -> at(paths, "/~1v1~1sessions/get/responses").putObject("418")),
        lie(
            "GET /v1/sessions: parameter 'query user optional' is only in the code",
            paths -> at(paths, "/~1v1~1sessions/get/parameters/0").put("required", true)),
        lie(
            "POST /v1/channels/{channel}/messages: parameter 'query timeout optional' is only in"
                + " the code",
            paths ->
                at(paths, "/~1v1~1channels~1{channel}~1messages/post/parameters/2")
                    .put("name", "patience")),
        lie(
            "POST /v1/tokens: body 'application/json .once: boolean' is only in the code",
            paths ->
                schema(paths, "/~1v1~1tokens/post/requestBody")
                    .put("$ref", "#/components/schemas/Token")),
        lie(
            "POST /v1/tokens: answer 'application/json .expiresAt: date-time' is only in the code",
            paths ->
                schema(paths, "/~1v1~1tokens/post/responses/201")
                    .put("$ref", "#/components/schemas/Closed")),
        lie(
            "POST /v1/messages: answer 'application/x-ndjson .index: integer' is only in the code",
            paths ->
                at(paths, "/~1v1~1messages/post/responses/200/content")
                    .remove("application/x-ndjson")));
  }

  @ParameterizedTest
  @MethodSource("lies")
  void aDocumentThatLiesIsCaught(String difference, Consumer<ObjectNode> doctor) {
    JsonNode doctored = document.root().deepCopy();
    doctor.accept((ObjectNode) doctored.get("paths"));

    assertThat(
            Operation.differences(Routes.operations(mapping), documented(new Document(doctored))))
        .contains(difference);
  }

  @Test
  void theDocumentIsWhole() {
    assertThat(document.root().path("openapi").asString()).startsWith("3.1.");
    assertThat(document.root().findValuesAsString("$ref"))
        .isNotEmpty()
        .allSatisfy(
            reference ->
                assertThat(document.root().at(reference.substring(1)).isMissingNode())
                    .as(reference)
                    .isFalse());
    Set<String> ids = new HashSet<>();
    document.eachOperation(
        (call, operation) -> {
          assertThat(ids.add(operation.path("operationId").asString())).as(call).isTrue();
          assertThat(operation.path("summary").asString()).as(call).isNotBlank();
          String scope = operation.path("x-scope").asString("");
          if (!scope.isEmpty()) {
            assertThat(operation.at("/security/0/apiKey/0").asString("")).as(call).isEqualTo(scope);
          }
        });
  }

  @Test
  void theExamplesFitTheirSchemas() {
    int[] examples = {0};
    eachNode(
        document.root(),
        node -> {
          if (node.has("schema") && node.has("example")) {
            examples[0]++;
            assertThat(new Shape(document).complaints(node.get("example"), node.get("schema")))
                .isEmpty();
          }
        });
    assertThat(examples[0]).isGreaterThan(20);
  }

  @Test
  void aHandshakeEndsAsDocumented() {
    Set<String> outcomes =
        Arrays.stream(HandshakeOutcome.values())
            .map(HandshakeOutcome::problem)
            .filter(Objects::nonNull)
            .map(problem -> Integer.toString(problem.status()))
            .collect(Collectors.toCollection(TreeSet::new));
    outcomes.add("101");
    assertThat(document.operations().get("GET /ws").statuses()).isEqualTo(outcomes);
  }

  @Test
  void everyGoodAnswerIsSeenAndEveryAnswerSeenIsAsDocumented() throws Exception {
    String push = "/v1/channels/{channel}/messages";
    JsonNode token =
        call(
            "POST",
            "/v1/tokens",
            "",
            "{\"user\":\"alice\",\"channels\":[\"topic:news\"],\"ttl\":\"5m\"}");
    String session = connect(token.path("token").asString());
    Map<String, String> alice = Map.of("channel", "user:alice", "id", session);

    call(
        "POST",
        push,
        "",
        "{\"event\":\"a\",\"data\":{\"n\":1},\"ttl\":\"1h\",\"key\":\"k\"}",
        alice);
    call("POST", push, "?wait=delivered&timeout=5s", "{\"data\":null}", alice);
    call("POST", push, "?wait=forever", "{\"data\":null}", alice);
    call("POST", push, "", "{\"event\":\"a\"}", alice);
    call("POST", push, "", "{\"data\":1}", Map.of("channel", "nobody"));
    call("GET", push, "?limit=10", null, alice);
    call("GET", push, "?limit=0", null, alice);
    call("GET", "/v1/channels/{channel}", "", null, alice);
    call("POST", "/v1/messages", "", "[{\"channel\":\"user:alice\",\"data\":1},{\"data\":1},3]");
    send(
        "POST",
        "/v1/messages",
        "",
        "{\"channel\":\"user:alice\",\"data\":1}\n",
        Map.of(),
        "application/x-ndjson",
        KEY);
    send("POST", "/v1/messages", "", "<x/>", Map.of(), "text/xml", KEY);
    send("GET", "/v1/sessions", "", null, Map.of(), "", "not-the-key");
    assertThat(call("GET", "/v1/sessions", "?user=alice", null).path("sessions").size())
        .isEqualTo(1);
    call("GET", "/v1/sessions/{id}", "", null, alice);
    call("GET", "/v1/sessions/{id}", "", null, Map.of("id", "AAAAAAAAAAAAAAAAAAAAAA"));
    call("DELETE", "/v1/sessions/{id}", "", null, alice);
    call("DELETE", "/v1/users/{id}/sessions", "", null, Map.of("id", "alice"));
    call("GET", "/problems/{slug}", "", null, Map.of("slug", "not-found"));
    call("GET", "/problems/{slug}", "", null, Map.of("slug", "no-such"));
    for (String path : Set.of("/livez", "/readyz", "/openapi.json", "/ws")) {
      call("GET", path, "", null);
    }
    String bearer = token.path("token").asString();
    send("POST", "/events/token", "", null, Map.of(), "", bearer);
    call("POST", "/events/token", "", null);
    call("DELETE", "/events/token", "", null);
    call("GET", "/events", "?lastEventId=stop", null);
    call("GET", "/events", "?format=json", null);
    send("GET", "/poll", "", null, Map.of(), "", bearer);
    call("GET", "/poll", "?since=stop", null);
    opensStream(bearer);
    LoginWalk logins = new LoginWalk(caller());
    logins.logIn();
    logins.giveUp();
    logins.takeCallbacks();
    logins.visitWeChat();

    Set<String> good = new TreeSet<>();
    document
        .operations()
        .forEach(
            (call, operation) ->
                operation.statuses().stream()
                    .filter(status -> status.startsWith("2"))
                    .forEach(status -> good.add(call + ' ' + status)));
    assertThat(seen).containsAll(good);
  }

  /** An answer that does not end. */
  private void opensStream(String bearer) throws Exception {
    HttpResponse<InputStream> stream =
        http.send(
            HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/events"))
                .header("Authorization", "Bearer " + bearer)
                .build(),
            BodyHandlers.ofInputStream());
    seen.add("GET /events " + stream.statusCode());
    stream.body().close();
  }

  private static Map<String, Operation> documented(Document document) {
    Map<String, Operation> operations = new TreeMap<>(document.operations());
    operations.keySet().removeAll(WITHOUT_CONTROLLER);
    return operations;
  }

  private JsonNode call(String method, String path, String query, String body) throws Exception {
    return call(method, path, query, body, Map.of());
  }

  private JsonNode call(
      String method, String path, String query, String body, Map<String, String> variables)
      throws Exception {
    return send(method, path, query, body, variables, body == null ? "" : "application/json", KEY);
  }

  private JsonNode send(
      String method,
      String path,
      String query,
      String body,
      Map<String, String> variables,
      String contentType,
      String key)
      throws Exception {
    List<String> headers = new ArrayList<>(List.of("Authorization", "Bearer " + key));
    if (!contentType.isEmpty()) {
      headers.addAll(List.of("Content-Type", contentType));
    }
    return caller()
        .send(method, path, query, body, variables, headers.toArray(String[]::new))
        .body();
  }

  private Caller caller() {
    return new Caller(document, json, "http://localhost:" + port, http, seen);
  }

  /** A session of the token's user, so that there is one to list. */
  private String connect(String token) throws Exception {
    CompletableFuture<String> session = new CompletableFuture<>();
    http.newWebSocketBuilder()
        .header("Authorization", "Bearer " + token)
        .subprotocols("heliograph.v1.json")
        .buildAsync(
            URI.create("ws://localhost:" + port + "/ws"),
            new WebSocket.Listener() {
              @Override
              public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
                Matcher welcome = SESSION.matcher(text);
                if (welcome.find()) {
                  session.complete(welcome.group(1));
                }
                socket.request(1);
                return null;
              }
            })
        .get(10, TimeUnit.SECONDS);
    return session.get(10, TimeUnit.SECONDS);
  }

  private static Arguments lie(String difference, Consumer<ObjectNode> doctor) {
    return arguments(difference, doctor);
  }

  private static ObjectNode at(JsonNode node, String pointer) {
    return (ObjectNode) node.at(pointer);
  }

  private static ObjectNode schema(JsonNode node, String pointer) {
    return at(node, pointer + "/content/application~1json/schema");
  }

  private static void eachNode(JsonNode node, Consumer<JsonNode> visitor) {
    visitor.accept(node);
    node.forEach(child -> eachNode(child, visitor));
  }
}

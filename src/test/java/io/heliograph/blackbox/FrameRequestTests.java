package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.support.TestBackend;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Frames of version 1 over HTTP, as the browser client asks where no WebSocket gets through. */
@SpringBootTest(
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = {
      "management.server.port=0",
      "heliograph.security.api-key=" + FrameRequestTests.KEY,
      "heliograph.security.tokens.refused-per-address=1000"
    })
class FrameRequestTests {

  static final String KEY = "fRaMe-9Xq2Tg7Lw4Zc8Vn5Bs1Hd6Kj3Mp0";

  @LocalServerPort int port;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private TestBackend backend;

  @BeforeEach
  void setUp() {
    backend = new TestBackend(port, KEY);
  }

  @Test
  void eachChannelHasItsOwnTokenAndPosition() throws Exception {
    String user = backend.token("ida");
    backend.pushAll("topic:ida-a", "a1", "a2");
    String first = backend.push("topic:ida-b", "b1").text("position");
    backend.pushAll("topic:ida-b", "b2");

    List<JsonNode> frames =
        poll(
            user,
            0,
            subscribe("1", "topic:ida-a", backend.token("", "topic:ida-a"), null),
            subscribe("2", "topic:ida-b", backend.token("", "topic:ida-b"), first),
            subscribe("3", "topic:ida-c", backend.token("", "topic:ida-b"), null));

    assertThat(types(frames)).startsWith("welcome").doesNotContain("gap");
    assertThat(frames.getFirst().path("user").stringValue()).isEqualTo("ida");
    assertThat(answer(frames, "1").path("type").stringValue()).isEqualTo("subscribed");
    assertThat(answer(frames, "2").path("recovered").booleanValue()).isTrue();
    assertThat(answer(frames, "3").path("problem").path("status").intValue()).isEqualTo(403);

    String position = answer(frames, "2").path("position").stringValue();
    assertThat(
            texts(
                poll(
                    user,
                    25,
                    subscribe("4", "topic:ida-b", backend.token("", "topic:ida-b"), position))))
        .containsExactly("b2");
  }

  @Test
  void aPollWaitsForTheFirstMessage() throws Exception {
    String user = backend.token("bob");
    CompletableFuture<HttpResponse<String>> waiting =
        http.sendAsync(
            request("/poll?wait=30", user, subscribe("1", "everyone", null, null)),
            BodyHandlers.ofString());
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> backend.get("/v1/sessions?user=bob").body().contains("\"bob\""));
    backend.pushAll("user:bob", "at last");

    assertThat(texts(frames(waiting.get().body()))).containsExactly("at last");
  }

  @Test
  void theSessionsOwnChannelsGoOnWhereTheyWere() throws Exception {
    String user = backend.token("cleo");
    JsonNode positions = poll(user, 0).getFirst().path("positions");
    String mine = positions.path("user:cleo").stringValue();
    String all = positions.path("everyone").stringValue();
    backend.pushAll("user:cleo", "c1", "c2");

    List<JsonNode> frames =
        poll(
            user,
            25,
            subscribe("1", "user:cleo", null, mine),
            subscribe("2", "everyone", null, all));

    assertThat(texts(frames)).contains("c1", "c2");
    assertThat(frames.getFirst().has("lost")).isFalse();
    String last = message(frames, "c2").path("position").stringValue();
    poll(user, 0, subscribe("3", "user:cleo", null, last));
    assertThat(texts(poll(user, 0))).as("to another client of the user").doesNotContain("c1", "c2");
  }

  @Test
  void theWelcomeSaysWhichOfTheSessionsOwnChannelsLostMessages() throws Exception {
    String user = backend.token("dan");
    backend.pushAll("user:dan", "d1");

    List<JsonNode> frames = poll(user, 25, subscribe("1", "user:dan", null, "anotherEpoch:7"));

    assertThat(frames.getFirst().path("lost").toString()).contains("user:dan");
  }

  @Test
  void moreThanOneAnswerHoldsComesWithTheNext() throws Exception {
    String token = backend.token("", "topic:many");
    String since = backend.push("topic:many", "0").text("position");
    for (int i = 1; i <= 250; i++) {
      backend.pushAll("topic:many", String.valueOf(i));
    }

    List<String> seen = new ArrayList<>();
    for (int polls = 0; seen.size() < 250 && polls < 20; polls++) {
      List<JsonNode> frames =
          poll(
              token,
              25,
              subscribe("1", "topic:many", null, since),
              subscribe("2", "everyone", null, null));
      List<JsonNode> messages =
          frames.stream()
              .filter(
                  each -> each.path("channel").asString("").equals("topic:many") && isMessage(each))
              .toList();
      messages.forEach(each -> seen.add(each.path("data").stringValue()));
      since = messages.isEmpty() ? since : messages.getLast().path("position").stringValue();
    }
    assertThat(seen).hasSize(250).first().isEqualTo("1");
    assertThat(seen).last().isEqualTo("250");
  }

  @Test
  void aStreamSendsEachFrameAsAnEvent() throws Exception {
    String token = backend.token("eve", "topic:lines");
    HttpResponse<InputStream> stream =
        http.send(
            request("/events", token, subscribe("1", "topic:lines", null, null)),
            BodyHandlers.ofInputStream());
    assertThat(stream.headers().firstValue("Content-Type")).hasValue("text/event-stream");
    try (var lines =
        new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
      assertThat(event(lines).path("type").stringValue()).isEqualTo("welcome");
      assertThat(event(lines).path("type").stringValue()).isEqualTo("subscribed");
      backend.post("/v1/channels/topic:lines/messages", "{\"data\":[1,\n\n2,\r\n3]}");
      assertThat(event(lines).path("data").toString()).isEqualTo("[1,2,3]");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"type\":\"ping\"} | 400 | must be subscribe",
        "{\"type\":\"publish\",\"id\":1,\"channel\":\"topic:a\",\"data\":1} | 400 | must be"
            + " subscribe",
        "{\"type\":\"subscribe\",\"channel\":\"topic:a\"} | 400 | line 1",
        "{\"type\":\"subscribe\",\"id\":1,\"channel\":\"nonsense\"} | 400 | line 1",
        "[] | 400 | line 1",
        "{ | 400 | line 1",
      })
  void whatIsNoSubscribeIsRefusedWithItsPlace(String body, int status, String detail)
      throws Exception {
    for (String path : List.of("/poll?wait=0", "/events")) {
      HttpResponse<String> refused = send(request(path, backend.token("flo"), body));
      assertThat(refused.statusCode()).as(refused.body()).isEqualTo(status);
      assertThat(refused.body()).contains(detail);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/poll?wait=0", "/events"})
  void whatIsTooMuchIsRefused(String path) throws Exception {
    String token = backend.token("gus");
    String[] many =
        Collections.nCopies(129, subscribe("1", "everyone", null, null)).toArray(String[]::new);
    assertThat(send(request(path, token, many)).statusCode()).isEqualTo(400);
    String large = subscribe("1", "topic:a", "x".repeat(70_000), null);
    assertThat(send(request(path, token, large)).statusCode()).isEqualTo(413);
    HttpRequest chunked =
        HttpRequest.newBuilder(request(path, token), (_, _) -> true)
            .POST(
                BodyPublishers.fromPublisher(BodyPublishers.ofString(large))) // announces no length
            .build();
    assertThat(send(chunked).statusCode()).isEqualTo(413);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/poll?wait=0", "/events"})
  void aClientThatIsNotAdmittedGetsAStatus(String path) throws Exception {
    assertThat(send(request(path, "no.such.token")).statusCode()).isEqualTo(401);
    HttpRequest foreign =
        HttpRequest.newBuilder(request(path, backend.token("hal")), (_, _) -> true)
            .header("Origin", "https://evil.example")
            .build();
    assertThat(send(foreign).statusCode()).isEqualTo(403);
    HttpRequest json =
        HttpRequest.newBuilder(
                request(path, backend.token("hal")), (name, _) -> !name.equals("Content-Type"))
            .header("Content-Type", "text/plain")
            .build();
    assertThat(send(json).statusCode()).isEqualTo(415);
    assertThat(
            send(request(path + (path.contains("?") ? "&" : "?") + "token=x", backend.token("hal")))
                .statusCode())
        .isEqualTo(400);
  }

  // ---- what a client does ----

  private List<JsonNode> poll(String token, int wait, String... lines) throws Exception {
    HttpResponse<String> answer = send(request("/poll?wait=" + wait, token, lines));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return frames(answer.body());
  }

  private HttpRequest request(String path, String token, String... lines) {
    return HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
        .timeout(Duration.ofSeconds(60))
        .header("Authorization", "Bearer " + token)
        .header("Content-Type", "application/x-ndjson")
        .POST(BodyPublishers.ofString(String.join("\n", lines)))
        .build();
  }

  private HttpResponse<String> send(HttpRequest request) throws Exception {
    return http.send(request, BodyHandlers.ofString());
  }

  private static String subscribe(String id, String channel, String token, String since) {
    var frame =
        TestBackend.JSON
            .createObjectNode()
            .put("type", "subscribe")
            .put("id", id)
            .put("channel", channel);
    if (token != null) {
      frame.put("token", token);
    }
    if (since != null) {
      frame.put("since", since);
    }
    return frame.toString();
  }

  private static List<JsonNode> frames(String json) {
    return TestBackend.JSON.readTree(json).valueStream().toList();
  }

  private static List<String> types(List<JsonNode> frames) {
    return frames.stream().map(frame -> frame.path("type").stringValue()).toList();
  }

  private static boolean isMessage(JsonNode frame) {
    return frame.path("type").stringValue().equals("message");
  }

  private static List<String> texts(List<JsonNode> frames) {
    return frames.stream()
        .filter(FrameRequestTests::isMessage)
        .map(frame -> frame.path("data").asString(""))
        .toList();
  }

  private static JsonNode message(List<JsonNode> frames, String text) {
    return frames.stream()
        .filter(frame -> isMessage(frame) && frame.path("data").asString("").equals(text))
        .findFirst()
        .orElseThrow();
  }

  private static JsonNode answer(List<JsonNode> frames, String id) {
    return frames.stream()
        .filter(frame -> frame.path("id").asString("").equals(id))
        .findFirst()
        .orElseThrow();
  }

  /** As the HTML Standard reads an event stream. */
  private static JsonNode event(BufferedReader lines) throws Exception {
    StringBuilder data = new StringBuilder();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith("data:")) {
        data.append(line.substring(5)).append('\n');
      } else if (line.isEmpty() && !data.isEmpty()) {
        return TestBackend.JSON.readTree(data.toString());
      }
    }
    throw new AssertionError("the stream ended");
  }
}

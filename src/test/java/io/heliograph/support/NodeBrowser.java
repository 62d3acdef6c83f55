package io.heliograph.support;

import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a page of a user sees on one socket, all of it kept. */
public final class NodeBrowser implements WebSocket.Listener, AutoCloseable {

  private static final JsonMapper JSON = JsonMapper.shared();

  private final HttpClient http = HttpClient.newHttpClient();
  private final StringBuilder part = new StringBuilder();
  private final List<JsonNode> frames = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private @Nullable WebSocket socket;

  private NodeBrowser() {}

  static NodeBrowser open(URI uri, String token) throws Exception {
    NodeBrowser browser = new NodeBrowser();
    browser.socket =
        browser
            .http
            .newWebSocketBuilder()
            .header("Authorization", "Bearer " + token)
            .subprotocols("heliograph.v1.json")
            .buildAsync(uri, browser)
            .get(10, TimeUnit.SECONDS);
    await().until(() -> browser.frames.stream().anyMatch(frame -> is(frame, "welcome")));
    return browser;
  }

  @Override
  public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
    part.append(data);
    if (last) {
      frames.add(JSON.readTree(part.toString()));
      part.setLength(0);
    }
    webSocket.request(1);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<?> onClose(WebSocket webSocket, int code, String reason) {
    closed.complete(code);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void onError(WebSocket webSocket, Throwable error) {
    closed.complete(-1);
  }

  public void send(String frame) {
    if (socket != null) {
      socket.sendText(frame, true).join();
    }
  }

  public String session() {
    return frames.getFirst().get("session").asString();
  }

  /** The events of all messages so far, as they came. */
  public List<String> events() {
    return messages().stream().map(frame -> frame.get("event").asString()).toList();
  }

  public List<JsonNode> messages() {
    return frames.stream().filter(frame -> is(frame, "message")).toList();
  }

  public List<JsonNode> frames(String type) {
    return frames.stream().filter(frame -> is(frame, type)).toList();
  }

  public void receives(String... events) {
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> org.assertj.core.api.Assertions.assertThat(events()).containsExactly(events));
  }

  public boolean isOpen() {
    return !closed.isDone();
  }

  public int closeCode() throws Exception {
    return closed.get(10, TimeUnit.SECONDS);
  }

  private static boolean is(JsonNode frame, String type) {
    return frame.get("type").asString().equals(type);
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}

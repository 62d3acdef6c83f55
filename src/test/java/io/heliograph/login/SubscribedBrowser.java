package io.heliograph.login;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A WebSocket client that sends raw frames and returns received ones in order. */
final class SubscribedBrowser implements WebSocket.Listener, AutoCloseable {

  private static final JsonMapper JSON = new JsonMapper();

  private final BlockingQueue<JsonNode> frames = new LinkedBlockingQueue<>();
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private final StringBuilder text = new StringBuilder();
  private final WebSocket socket;

  SubscribedBrowser(int port) {
    socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .header("Origin", "http://127.0.0.1:" + port)
            .buildAsync(URI.create("ws://127.0.0.1:" + port + "/ws"), this)
            .join();
    assertThat(next().path("type").asString()).isEqualTo("welcome");
  }

  SubscribedBrowser follow(String ticket, @Nullable String token) {
    return send(
        "{\"type\":\"subscribe\",\"id\":\"s\",\"channel\":\"login:%s\"%s}"
            .formatted(ticket, token == null ? "" : ",\"token\":\"" + token + "\""));
  }

  SubscribedBrowser send(String frame) {
    socket.sendText(frame, true).join();
    return this;
  }

  JsonNode next() {
    try {
      JsonNode frame = frames.poll(10, TimeUnit.SECONDS);
      assertThat(frame).as("a frame within 10 s").isNotNull();
      return frame;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  JsonNode next(String type) {
    JsonNode frame = next();
    assertThat(frame.path("type").asString()).as(frame.toString()).isEqualTo(type);
    return frame;
  }

  /** The snapshot that answers a subscribe. */
  JsonNode snapshot() {
    return next("subscribed").path("state");
  }

  /** The next transition. */
  JsonNode state() {
    JsonNode message = next("message");
    assertThat(message.path("event").asString()).isEqualTo("login.state");
    return message.path("data");
  }

  /** Asserts that nothing arrives before the answer to a ping, so nothing else was sent. */
  void thenNothing() {
    send("{\"type\":\"ping\",\"id\":\"p\"}");
    next("pong");
  }

  int closeCode() {
    return closed.orTimeout(10, TimeUnit.SECONDS).join();
  }

  /** Aborts the connection without a close frame. */
  void cut() {
    socket.abort();
  }

  @Override
  public void close() {
    socket.abort();
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    text.append(data);
    if (last) {
      frames.add(JSON.readTree(text.toString()));
      text.setLength(0);
    }
    from.request(1);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<?> onClose(WebSocket from, int statusCode, String reason) {
    closed.complete(statusCode);
    return CompletableFuture.completedFuture(null);
  }
}

package io.heliograph.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** What a client of a user receives on one socket, all of it kept. */
public final class NodeBrowser implements AutoCloseable {

  private final List<JsonNode> frames = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private final RawSocket socket;
  private final SocketReader reader;

  private NodeBrowser(RawSocket socket) {
    this.socket = socket;
    this.reader =
        new SocketReader(
            socket, text -> frames.add(TestBackend.JSON.readTree(text)), closed::complete);
    reader.start();
  }

  /** Connects and waits for the welcome. */
  static NodeBrowser open(int port, String token) {
    RawSocket socket = RawSocket.connect(port);
    String head =
        socket.send(RawSocket.handshake("/ws", "Authorization: Bearer " + token)).readHead();
    if (!head.startsWith("HTTP/1.1 101 ")) {
      throw new AssertionError(head);
    }
    NodeBrowser browser = new NodeBrowser(socket);
    await().until(() -> !browser.frames("welcome").isEmpty());
    return browser;
  }

  public void send(String frame) {
    socket.send(RawFrame.text(frame));
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
        .untilAsserted(() -> assertThat(events()).containsExactly(events));
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
    reader.cut();
  }
}

package io.heliograph.support;

import io.heliograph.message.Position;
import java.net.URI;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A client that does what a good client does: it keeps its positions, comes back on the next node
 * when its line ends, resumes, and acknowledges. What it receives goes into the {@link Chronicle}.
 */
public final class ReturningBrowser {

  /** How a line ended. */
  public record End(int code, boolean saidBye, long nanoTime) {}

  private final ClientGroup clients;
  private final String name;
  private final String token;
  private final Map<String, String> positions = new ConcurrentHashMap<>();
  private final List<End> ends = new CopyOnWriteArrayList<>();
  private volatile @Nullable Connection connection;
  private volatile boolean leaving;
  private int nextNode;

  ReturningBrowser(ClientGroup clients, String name, String token, int firstNode) {
    this.clients = clients;
    this.name = name;
    this.token = token;
    this.nextNode = firstNode;
  }

  public String name() {
    return name;
  }

  /** All lines that it has lost so far. */
  public List<End> ends() {
    return List.copyOf(ends);
  }

  /** Connected, welcomed, and has resumed all that it follows. */
  public boolean isReady() {
    Connection current = connection;
    return current != null && current.ready();
  }

  /** The port of the node that it is on; 0: none. */
  public int port() {
    Connection current = connection;
    return current == null ? 0 : current.port;
  }

  public String session() {
    Connection current = connection;
    return current == null ? "" : current.session;
  }

  void connect() {
    List<Integer> ports = clients.ports();
    if (leaving || ports.isEmpty()) {
      return;
    }
    int port = ports.get(Math.floorMod(nextNode++, ports.size()));
    Connection fresh = new Connection(port);
    clients
        .http()
        .newWebSocketBuilder()
        .connectTimeout(Duration.ofSeconds(3))
        .header("Authorization", "Bearer " + token)
        .subprotocols("heliograph.v1.json")
        .buildAsync(URI.create("ws://127.0.0.1:" + port + "/ws"), fresh)
        .whenComplete(
            (_, failure) -> {
              if (failure != null) {
                comeBack();
              }
            });
  }

  /** Goes to the next node without a word, as a page does that changes networks. */
  public void hop() {
    Connection current = connection;
    if (current != null) {
      current.end(CloseCode.NONE);
      WebSocket socket = current.socket;
      if (socket != null) {
        socket.abort();
      }
    }
  }

  void leave() {
    leaving = true;
    hop();
  }

  private void comeBack() {
    if (!leaving) {
      // Full jitter, as the real client has it.
      long millis = ThreadLocalRandom.current().nextLong(clients.mostDelay().toMillis() + 1);
      clients.scheduler().schedule(this::connect, millis, TimeUnit.MILLISECONDS);
    }
  }

  /** What stands for a close that never came. */
  private static final class CloseCode {
    static final int NONE = 1006;
  }

  /** One connection. What arrives after it has ended is passed over. */
  private final class Connection implements WebSocket.Listener {
    private final int port;
    private final StringBuilder part = new StringBuilder();

    /** Resumes that are not answered: until then what comes will come again. */
    private final Map<String, String> resuming = new ConcurrentHashMap<>();

    private volatile @Nullable WebSocket socket;
    private volatile String session = "";
    private volatile boolean ended;
    private volatile boolean saidBye;
    private CompletableFuture<?> sent = CompletableFuture.completedFuture(null);

    Connection(int port) {
      this.port = port;
    }

    boolean ready() {
      return !session.isEmpty() && resuming.isEmpty() && !ended;
    }

    @Override
    public void onOpen(WebSocket opened) {
      socket = opened;
      connection = this;
      opened.request(1);
      if (leaving) {
        opened.abort();
      }
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      part.append(data);
      if (last) {
        JsonNode frame = TestBackend.JSON.readTree(part.toString());
        part.setLength(0);
        if (!ended) {
          on(frame);
        }
      }
      from.request(1);
      return null;
    }

    private void on(JsonNode frame) {
      switch (frame.get("type").asString()) {
        case "welcome" -> welcomed(frame);
        case "message" -> message(frame);
        case "gap" -> lost(frame.get("channel").asString(), frame.get("position").asString());
        case "subscribed" -> {
          String channel = frame.get("channel").asString();
          resuming.remove(channel);
          if (!frame.get("recovered").booleanValue()) {
            lost(channel, frame.get("position").asString());
          }
        }
        case "error" -> refused(frame);
        case "bye" -> saidBye = true;
        default -> {}
      }
    }

    private void welcomed(JsonNode frame) {
      resuming.putAll(positions);
      // A node that cannot reach its broker has no positions to state.
      for (Map.Entry<String, JsonNode> each : frame.get("positions").properties()) {
        if (!positions.containsKey(each.getKey()) && !each.getKey().startsWith("session:")) {
          begin(each.getKey(), each.getValue().asString());
        }
      }
      session = frame.get("session").asString();
      resuming.keySet().forEach(this::resume);
    }

    private void resume(String channel) {
      String position = resuming.get(channel);
      if (position != null) {
        send(
            TestBackend.JSON
                .createObjectNode()
                .put("type", "subscribe")
                .put("id", channel)
                .put("channel", channel)
                .put("since", position)
                .toString());
      }
    }

    private void refused(JsonNode frame) {
      if (frame.get("problem").get("status").intValue() != 503) {
        throw new AssertionError(name + " was refused: " + frame);
      }
      String channel = frame.get("id").asString();
      clients.scheduler().schedule(() -> resume(channel), 500, TimeUnit.MILLISECONDS);
    }

    private void begin(String channel, String position) {
      positions.put(channel, position);
      clients.chronicle().follows(name, channel, position);
    }

    private void message(JsonNode frame) {
      String channel = frame.get("channel").asString();
      if (resuming.containsKey(channel) || channel.startsWith("session:")) {
        return;
      }
      String position = frame.get("position").asString();
      if (!positions.containsKey(channel)) {
        Position first = Position.parse(position);
        begin(channel, first.at(first.offset() - 1).text());
      }
      clients.chronicle().received(name, channel, position, frame.get("data").asString());
      positions.put(channel, position);
      send(
          TestBackend.JSON
              .createObjectNode()
              .put("type", "ack")
              .put("channel", channel)
              .put("position", position)
              .toString());
    }

    private void lost(String channel, String through) {
      if (!resuming.containsKey(channel)) {
        clients.chronicle().gap(name, channel, through);
        positions.put(channel, through);
      }
    }

    private synchronized void send(String text) {
      WebSocket current = socket;
      if (current != null && !ended) {
        sent = sent.handle((_, _) -> null).thenCompose(_ -> current.sendText(text, true));
      }
    }

    private synchronized boolean end(int code) {
      if (ended) {
        return false;
      }
      ended = true;
      ends.add(new End(code, saidBye, System.nanoTime()));
      if (connection == this) {
        connection = null;
      }
      comeBack();
      return true;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      end(code);
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      end(CloseCode.NONE);
    }
  }
}

package io.heliograph.protocol.lines;

import io.heliograph.client.ClientContext;
import io.heliograph.client.ClientConversation;
import io.heliograph.client.ClientRequest;
import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import io.heliograph.session.CloseReason;
import io.heliograph.session.Encoding;
import io.heliograph.session.Framing;
import io.heliograph.session.Identity;
import io.heliograph.session.Liveness;
import io.heliograph.session.Transport;
import io.heliograph.session.TransportInfo;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * A client, its connection and the wiring to a conversation, all in memory. What the client sends
 * is handled on one thread, as by a connection that is read by one.
 */
public final class LinesClient implements Transport, AutoCloseable {

  private static final Encoding ENCODING = new Encoding(new LinesCodec(), Framing.NONE);
  private static final TransportInfo INFO =
      new TransportInfo("memory", "lines", Liveness.PING, false);

  private record Held(ByteBuffer[] frames, WriteCallback done) {}

  private final ClientConversation conversation;
  private final ExecutorService connection =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().factory());
  private final BlockingQueue<Map<String, String>> arrived = new LinkedBlockingQueue<>();

  // Guarded by this.
  private boolean reads = true;
  private final ArrayDeque<Held> held = new ArrayDeque<>();
  private boolean ended;

  public LinesClient(ClientContext context, Identity identity) {
    conversation = new ClientConversation(context);
    connection.execute(() -> conversation.begin(this, identity));
  }

  // What the client does --------------------------------------------------------------------------

  /** What the server sent, each event once and in order; a close is one of type {@code closed}. */
  public BlockingQueue<Map<String, String>> arrived() {
    return arrived;
  }

  public void send(Map<String, String> fields) {
    handle(
        () -> {
          if (!conversation.onSignOfLife()) {
            return;
          }
          String id = fields.get("id");
          try {
            // The next request waits for this one, as a connection whose reading pauses.
            conversation.onRequest(request(fields, id)).join();
          } catch (IllegalArgumentException e) {
            conversation.onInvalid(id, String.valueOf(e.getMessage()));
          }
        });
  }

  public void sendGarbage() {
    handle(
        () -> {
          if (conversation.onSignOfLife()) {
            conversation.onMalformed("a request is lines of fields");
          }
        });
  }

  private synchronized void handle(Runnable arrival) {
    if (!ended) {
      connection.execute(arrival);
    }
  }

  private static ClientRequest request(Map<String, String> fields, @Nullable String id) {
    return switch (fields.getOrDefault("type", "")) {
      case "subscribe" -> {
        String since = fields.get("since");
        yield new ClientRequest.Subscribe(
            id, channel(fields), fields.get("token"), since == null ? null : Position.parse(since));
      }
      case "unsubscribe" -> new ClientRequest.Unsubscribe(id, channel(fields));
      case "ack" ->
          new ClientRequest.Acknowledge(
              id, channel(fields), Position.parse(fields.getOrDefault("position", "")));
      case "auth" -> new ClientRequest.Authenticate(id, fields.getOrDefault("token", ""));
      case "publish" ->
          new ClientRequest.Publish(
              id, channel(fields), fields.get("event"), data(fields), fields.get("idempotencyKey"));
      case "call" ->
          new ClientRequest.Call(
              id, fields.getOrDefault("method", ""), data(fields), fields.get("idempotencyKey"));
      case "upload" ->
          new ClientRequest.Upload(
              id, fields.getOrDefault("name", ""), fields.getOrDefault("contentType", ""), -1);
      case "ping" -> new ClientRequest.Ping(id);
      default -> throw new IllegalArgumentException("no such type");
    };
  }

  /** This protocol carries text. */
  private static String data(Map<String, String> fields) {
    return '"' + fields.getOrDefault("data", "") + '"';
  }

  private static Channel channel(Map<String, String> fields) {
    return Channel.parse(fields.getOrDefault("channel", ""));
  }

  public synchronized void stopsReading() {
    reads = false;
  }

  public void readsOn() {
    synchronized (this) {
      reads = true;
    }
    for (Held next = next(); next != null; next = next()) {
      take(next.frames());
      next.done().written(null);
    }
  }

  private synchronized @Nullable Held next() {
    return held.poll();
  }

  /** The connection ends without a word. */
  @Override
  public void close() {
    end(CloseReason.GONE);
  }

  private void end(CloseReason reason) {
    synchronized (this) {
      if (ended) {
        return;
      }
      connection.execute(() -> conversation.onEnd(reason));
      connection.shutdown();
      ended = true;
    }
    arrived.add(Map.of("type", "closed", "code", String.valueOf(reason.code())));
  }

  // The transport ---------------------------------------------------------------------------------

  @Override
  public TransportInfo info() {
    return INFO;
  }

  @Override
  public Encoding encoding() {
    return ENCODING;
  }

  @Override
  public String remoteAddress() {
    return "192.0.2.77";
  }

  @Override
  public void write(ByteBuffer[] frames, WriteCallback done) {
    synchronized (this) {
      if (!reads) {
        held.add(new Held(frames, done));
        return;
      }
    }
    take(frames);
    done.written(null);
  }

  private void take(ByteBuffer[] frames) {
    for (ByteBuffer frame : frames) {
      arrived.add(LinesCodec.decode(StandardCharsets.UTF_8.decode(frame).toString()));
    }
  }

  @Override
  public void ping(int number) {
    synchronized (this) {
      if (reads) {
        handle(() -> conversation.onPong(number));
      }
    }
  }

  @Override
  public synchronized boolean hasEnded() {
    return ended;
  }

  @Override
  public void close(CloseReason reason) {
    end(reason);
  }

  @Override
  public void abort() {
    end(CloseReason.GONE);
  }
}

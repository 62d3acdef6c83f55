package io.heliograph.support;

import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A client of Engine.IO that sends what a test gives it. It answers pings, and keeps the packets
 * that came; the connection's end is one that begins with {@code closed}, with the code of a
 * WebSocket.
 */
public abstract class EngineClient implements AutoCloseable {

  private static final int PATIENCE_SECONDS = 30;

  private final BlockingQueue<String> arrived = new LinkedBlockingQueue<>();

  /** Held by the test while this client does not read. */
  private final ReentrantLock reading = new ReentrantLock();

  private volatile boolean answersPings = true;
  private volatile String connected = "";
  private final AtomicInteger answered = new AtomicInteger();

  /** On a WebSocket. */
  public static EngineClient onSocket(int port, String path, String... headers) {
    RawSocket line = RawSocket.connect(port);
    line.send(RawSocket.handshake(path + "?EIO=4&transport=websocket", headers));
    String head = line.readHead();
    if (!head.startsWith("HTTP/1.1 101 ")) {
      throw new IllegalStateException(head + line.readBody(head));
    }
    return new OnSocket(line);
  }

  /** By polling. */
  public static EngineClient polling(int port, String path, String... headers) {
    return new ByPolling(URI.create("http://127.0.0.1:" + port + path), headers);
  }

  public abstract void send(String packet);

  /** The id of a session that is carried by polling. */
  public abstract String sid();

  /** Cuts the connection without a word. */
  @Override
  public abstract void close();

  /** The next packet; fails when none comes in half a minute. */
  public String next() {
    try {
      String packet = arrived.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (packet == null) {
        throw new AssertionError("nothing came");
      }
      return packet;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The answer to CONNECT; empty when none has come. */
  public String connected() {
    return connected;
  }

  public void stopsReading() {
    reading.lock();
  }

  /** Said by the thread that stopped it. */
  public void readsOn() {
    reading.unlock();
  }

  /** How many pings it has answered. */
  public int answeredPings() {
    return answered.get();
  }

  public void fallsSilent() {
    answersPings = false;
  }

  final void arrives(String packet) {
    if (packet.startsWith("40{")) {
      connected = packet;
    }
    if (!packet.equals("2")) {
      arrived.add(packet);
    } else if (answersPings) {
      send("3");
      answered.incrementAndGet();
    }
  }

  /** Waits while another thread holds the lock, as a client that does not read. */
  @SuppressWarnings("LockNotBeforeTry")
  final void awaitReading() {
    reading.lock();
    reading.unlock();
  }

  private static final class OnSocket extends EngineClient {

    private final RawSocket line;

    OnSocket(RawSocket line) {
      this.line = line;
      Thread.ofVirtual().start(this::read);
    }

    private void read() {
      int code = 1006;
      try {
        while (true) {
          awaitReading();
          RawFrame frame = line.read();
          switch (frame.opcode()) {
            case RawFrame.TEXT -> arrives(frame.text());
            case RawFrame.CLOSE -> {
              code = frame.closeCode();
              line.send(frame);
            }
            default -> arrives("unexpected frame " + frame.opcode());
          }
        }
      } catch (UncheckedIOException e) {
        if (!(e.getCause() instanceof SocketTimeoutException)) {
          arrives("closed " + code);
        }
      }
    }

    @Override
    public void send(String packet) {
      line.send(RawFrame.text(packet));
    }

    @Override
    public String sid() {
      throw new UnsupportedOperationException("a WebSocket has no requests that name it");
    }

    @Override
    public void close() {
      line.close();
    }
  }

  private static final class ByPolling extends EngineClient {

    private final HttpClient http =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI base;
    private final String[] headers;
    private final String sid;
    private volatile boolean closed;
    private volatile @Nullable CompletableFuture<?> polling;

    ByPolling(URI base, String... headers) {
      this.base = base;
      this.headers = headers;
      HttpResponse<String> opening = http.sendAsync(get(""), BodyHandlers.ofString()).join();
      if (opening.statusCode() != 200) {
        throw new IllegalStateException(opening.statusCode() + " " + opening.body());
      }
      arrives(opening.body());
      this.sid = TestBackend.JSON.readTree(opening.body().substring(1)).get("sid").stringValue();
      Thread.ofVirtual().start(this::poll);
    }

    private HttpRequest get(String session) {
      return request(session).GET().build();
    }

    private HttpRequest.Builder request(String session) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create(base + "?EIO=4&transport=polling" + session));
      for (String header : headers) {
        int colon = header.indexOf(':');
        request.header(header.substring(0, colon), header.substring(colon + 1).strip());
      }
      return request;
    }

    private void poll() {
      try {
        while (!closed) {
          awaitReading();
          CompletableFuture<HttpResponse<String>> request =
              http.sendAsync(get("&sid=" + sid), BodyHandlers.ofString());
          polling = request;
          HttpResponse<String> answer = request.join();
          if (answer.statusCode() != 200) {
            break;
          }
          for (String packet : answer.body().split("\u001e")) {
            closed |= packet.equals("1");
            if (!packet.equals("6") && !packet.equals("1")) {
              arrives(packet);
            }
          }
        }
      } catch (RuntimeException e) {
        // Cut, by either side.
      }
      arrives("closed");
    }

    @Override
    public void send(String packet) {
      http.sendAsync(
              request("&sid=" + sid).POST(BodyPublishers.ofString(packet)).build(),
              BodyHandlers.ofString())
          .handle((_, _) -> null)
          .join();
    }

    @Override
    public String sid() {
      return sid;
    }

    @Override
    public void close() {
      closed = true;
      CompletableFuture<?> request = polling;
      if (request != null) {
        request.cancel(true);
      }
      http.shutdownNow();
    }
  }
}

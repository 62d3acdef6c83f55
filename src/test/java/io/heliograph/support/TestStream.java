package io.heliograph.support;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One event stream, read as an EventSource reads it (HTML Standard, section 9.2.6), over HTTP/1.1
 * or 1.0. Events come in order; the end of the stream is one of type {@code closed}, which says
 * whether the response was complete.
 */
public final class TestStream implements AutoCloseable {

  private static final int PATIENCE_SECONDS = 30;

  /** Small, so that a stream that is not read is soon full. */
  private static final int RECEIVE_BUFFER = 8 * 1024;

  /**
   * @param id that of the last event with one, as the browser would send it back
   */
  public record Event(String type, String data, String id) {}

  private final Socket socket;
  private final String head;
  private final LinkedBlockingQueue<Event> arrived = new LinkedBlockingQueue<>();

  /** Held by the test while this client does not read. */
  private final ReentrantLock reading = new ReentrantLock();

  private volatile String lastEventId = "";
  private volatile String retry = "";
  private final AtomicInteger comments = new AtomicInteger();

  private TestStream(Socket socket, String head, InputStream body, boolean chunked) {
    this.socket = socket;
    this.head = head;
    Thread.ofVirtual().start(() -> read(body, chunked));
  }

  /** Over HTTP/1.1. */
  public static TestStream get(int port, String path, String... headers) {
    return request(port, "GET " + path + " HTTP/1.1", "", headers);
  }

  /** Any request, such as one of HTTP/1.0. */
  public static TestStream request(int port, String line, String body, String... headers) {
    try {
      Socket socket = new Socket();
      socket.setReceiveBufferSize(RECEIVE_BUFFER);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      StringBuilder request = new StringBuilder(line).append("\r\nHost: localhost\r\n");
      for (String header : headers) {
        request.append(header).append("\r\n");
      }
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      if (bytes.length > 0) {
        request.append("Content-Length: ").append(bytes.length).append("\r\n");
      }
      socket
          .getOutputStream()
          .write(request.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().write(bytes);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      StringBuilder head = new StringBuilder();
      for (String next = line(in); next != null && !next.isEmpty(); next = line(in)) {
        head.append(next).append('\n');
      }
      boolean chunked =
          head.toString().toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked");
      return new TestStream(socket, head.toString(), in, chunked);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // Reading ---------------------------------------------------------------------------------------

  /** Null at the end. */
  private static @Nullable String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next >= 0; next = in.read()) {
      if (next == '\n') {
        String text = line.toString(StandardCharsets.UTF_8);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
      }
      line.write(next);
    }
    return null;
  }

  private void read(InputStream in, boolean chunked) {
    boolean complete = false;
    try {
      InputStream body = chunked ? new Chunks(in) : in;
      Map<String, String> fields = new LinkedHashMap<>();
      for (String line = nextLine(body); line != null; line = nextLine(body)) {
        if (line.isEmpty()) {
          dispatch(fields);
          fields.clear();
        } else if (line.startsWith(":")) {
          comments.incrementAndGet();
        } else {
          int colon = line.indexOf(':');
          String value = line.substring(colon + 1);
          fields.merge(
              line.substring(0, colon),
              value.startsWith(" ") ? value.substring(1) : value,
              (before, more) -> before + "\n" + more);
        }
      }
      complete = true;
    } catch (IOException e) {
      // The end, cut.
    }
    arrived.add(new Event("closed", String.valueOf(complete), lastEventId));
  }

  /** Waits while another thread holds the reading lock, as a client that does not read. */
  @SuppressWarnings("LockNotBeforeTry")
  private @Nullable String nextLine(InputStream body) throws IOException {
    reading.lock();
    reading.unlock();
    return line(body);
  }

  private void dispatch(Map<String, String> fields) {
    lastEventId = fields.getOrDefault("id", lastEventId);
    retry = fields.getOrDefault("retry", retry);
    String data = fields.get("data");
    if (data != null) {
      arrived.add(new Event(fields.getOrDefault("event", "message"), data, lastEventId));
    }
  }

  /** Fails where the response ends before its last chunk. */
  @SuppressWarnings("InputStreamSlowMultibyteRead") // lines are read byte by byte
  private static final class Chunks extends InputStream {
    private final InputStream in;
    private int left;
    private boolean ended;

    Chunks(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      if (ended) {
        return -1;
      }
      if (left == 0) {
        String size = line(in);
        if (size == null) {
          throw new IOException("cut");
        }
        left = Integer.parseInt(size, 16);
        if (left == 0) {
          ended = true;
          return -1;
        }
      }
      int next = in.read();
      if (next < 0) {
        throw new IOException("cut");
      }
      left--;
      if (left == 0) {
        line(in);
      }
      return next;
    }
  }

  // What came -------------------------------------------------------------------------------------

  /** Status line and headers. */
  public String head() {
    return head;
  }

  public int status() {
    return Integer.parseInt(head.substring(9, 12));
  }

  /** The next event; fails when none comes. */
  public Event next() {
    try {
      Event next = arrived.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("nothing came on the stream");
      }
      return next;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The next event, which is of this type. */
  public Event next(String type) {
    Event next = next();
    if (!next.type().equals(type)) {
      throw new AssertionError("expected " + type + ", but came " + next);
    }
    return next;
  }

  /** Messages with these texts, in order. */
  public TestStream receives(String... texts) {
    for (String text : texts) {
      Event event = next();
      String expected = TestBackend.JSON.writeValueAsString(text);
      if (!event.data().equals(expected)) {
        throw new AssertionError("expected " + expected + ", but came " + event);
      }
    }
    return this;
  }

  public String lastEventId() {
    return lastEventId;
  }

  /** As the server said last, in milliseconds. */
  public String retry() {
    return retry;
  }

  public int comments() {
    return comments.get();
  }

  @SuppressWarnings("LockNotBeforeTry")
  public void stopsReading() {
    reading.lock();
  }

  public void readsOn() {
    reading.unlock();
  }

  /** Sends what no EventSource sends. */
  public TestStream sends(String text) {
    try {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Has nothing more to say, and reads on. */
  public void endsItsSide() {
    try {
      socket.shutdownOutput();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Cuts the connection without a word. */
  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package io.heliograph.support;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;

/**
 * A backend on loopback that answers as a test says, byte by byte, so that it can also lie, hang
 * and hang up. One connection at a time has one request at a time.
 */
public final class StandInBackend implements AutoCloseable {

  /** A request, whole. */
  public record Received(Map<String, String> headers, byte[] body) {

    public JsonNode json() {
      return TestBackend.JSON.readTree(body);
    }

    public String method() {
      return json().at("/data/method").asString("");
    }
  }

  /** Answers a request; when it returns, the connection serves the next one. */
  @FunctionalInterface
  public interface Behaviour {
    void answer(Received request, OutputStream out) throws IOException;
  }

  /** A body that comes in chunks (RFC 9112, section 7.1), as it comes. */
  public static final class ChunkedBody {
    private final InputStream in;
    private final Map<String, String> trailers = new LinkedHashMap<>();

    private boolean begun;

    private ChunkedBody(InputStream in) {
      this.in = in;
    }

    /**
     * The next chunk; empty after the last one.
     *
     * @throws EOFException when the connection ends before the last one
     */
    public byte[] next() throws IOException {
      if (begun) {
        // Behind the last chunk's bytes; it may come with the next one only.
        requireLine();
      }
      begun = true;
      int length = Integer.parseInt(requireLine(), 16);
      if (length == 0) {
        for (String line = requireLine(); !line.isEmpty(); line = requireLine()) {
          int colon = line.indexOf(':');
          trailers.put(
              line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
        }
        return new byte[0];
      }
      byte[] chunk = in.readNBytes(length);
      if (chunk.length < length) {
        throw new EOFException("a chunk is not whole");
      }
      return chunk;
    }

    private String requireLine() throws IOException {
      in.mark(1);
      if (in.read() < 0) {
        throw new EOFException("no last chunk");
      }
      in.reset();
      return line(in);
    }

    public Map<String, String> trailers() {
      return trailers;
    }
  }

  /** Answers a request whose body comes in chunks. */
  @FunctionalInterface
  public interface UploadBehaviour {
    void answer(Map<String, String> headers, ChunkedBody body, OutputStream out) throws IOException;
  }

  private volatile UploadBehaviour uploads =
      (_, _, _) -> {
        throw new IOException("no upload is expected");
      };

  private final ServerSocket server;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final List<Received> received = new CopyOnWriteArrayList<>();
  private final Map<String, Behaviour> behaviours = new ConcurrentHashMap<>();
  private final AtomicInteger connections = new AtomicInteger();

  public StandInBackend() {
    try {
      server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  public int port() {
    return server.getLocalPort();
  }

  public String url() {
    return "http://localhost:" + port() + "/hook?tenant=7";
  }

  /** From now on requests with this method are answered so; the empty one stands for all others. */
  public StandInBackend on(String method, Behaviour behaviour) {
    behaviours.put(method, behaviour);
    return this;
  }

  /** From now on uploads are answered so. */
  public StandInBackend onUpload(UploadBehaviour behaviour) {
    uploads = behaviour;
    return this;
  }

  public List<Received> received() {
    return List.copyOf(received);
  }

  public int connections() {
    return connections.get();
  }

  public static Behaviour json(int status, String body) {
    return typed(status, "application/json", body);
  }

  public static Behaviour problem(int status, String body) {
    return typed(status, "application/problem+json", body);
  }

  public static Behaviour typed(int status, String type, String body) {
    return (_, out) -> respond(out, status, type, body);
  }

  /** Writes a whole answer. */
  public static void respond(OutputStream out, int status, String type, String body)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    raw(
        out,
        "HTTP/1.1 %d OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
            .formatted(status, type, bytes.length));
    out.write(bytes);
    out.flush();
  }

  /** Just these characters, then the connection ends. */
  public static Behaviour hangingUpAfter(String text) {
    return (_, out) -> {
      raw(out, text);
      throw new IOException("hangs up");
    };
  }

  public static void raw(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        connections.incrementAndGet();
        sockets.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      while (true) {
        Map<String, String> headers = head(in);
        if (headers.isEmpty()) {
          return;
        }
        if (headers.containsKey("transfer-encoding")) {
          uploads.answer(headers, new ChunkedBody(in), socket.getOutputStream());
          continue;
        }
        Received request =
            new Received(
                headers,
                in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0"))));
        received.add(request);
        Behaviour behaviour = behaviours.get(request.method());
        (behaviour == null ? behaviours.getOrDefault("", json(200, "null")) : behaviour)
            .answer(request, socket.getOutputStream());
      }
    } catch (IOException e) {
      // The connection is closed.
    }
  }

  /** Empty when there is none. */
  private static Map<String, String> head(InputStream in) throws IOException {
    Map<String, String> headers = new LinkedHashMap<>();
    String line = line(in);
    if (line.isEmpty()) {
      return headers;
    }
    headers.put(":request", line);
    for (line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    return headers;
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      if (c != '\r') {
        line.write(c);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

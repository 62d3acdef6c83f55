package io.heliograph.bench.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Those who push: a few keep-alive connections with one request under way on each. What finds none
 * free waits here, and its payload's {@link Stamp} counts the wait.
 */
public final class Backends {

  private static final int MOST_WAITING = 500_000;
  private static final InetSocketAddress ANY_PORT = new InetSocketAddress("127.0.1.100", 0);

  private final Loop loop;
  private final InetSocketAddress server;
  private final int connections;
  private final ArrayDeque<Backend> idle = new ArrayDeque<>();
  private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
  private final Map<String, Integer> failures = new TreeMap<>();
  private int open;
  private int underWay;
  private long answered;

  public Backends(Loop loop, InetSocketAddress server, int connections) {
    this.loop = loop;
    this.server = server;
    this.connections = connections;
  }

  /** The bytes of a POST. */
  public static byte[] post(String path, String type, String body, String... headers) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    StringBuilder head =
        new StringBuilder("POST ").append(path).append(" HTTP/1.1\r\nHost: localhost\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    head.append("Content-Type: ").append(type).append("\r\nContent-Length: ");
    head.append(bytes.length).append("\r\n\r\n");
    byte[] first = head.toString().getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(first.length + bytes.length).put(first).put(bytes).array();
  }

  /** Sends it on a free connection, now or as soon as there is one. */
  public void send(byte[] request) throws IOException {
    Backend free = idle.poll();
    if (free != null) {
      underWay++;
      free.send(request);
    } else if (open < connections) {
      open++;
      underWay++;
      new Backend(request);
    } else if (waiting.size() < MOST_WAITING) {
      waiting.add(request);
    } else {
      throw new IOException("the server is far slower than this rate");
    }
  }

  /** Whether a request would go out at once. */
  public boolean isFree() {
    return waiting.isEmpty() && underWay < connections;
  }

  public boolean allAnswered() {
    return underWay == 0 && waiting.isEmpty();
  }

  public long answered() {
    return answered;
  }

  /** What was not answered with success, and how often. */
  public Map<String, Integer> failures() {
    return failures;
  }

  public void resetCounts() {
    answered = 0;
    failures.clear();
  }

  private final class Backend extends Line {

    private byte @Nullable [] first;
    private @Nullable HttpReply reply;

    Backend(byte[] request) throws IOException {
      super(loop, ANY_PORT, server, 0);
      first = request;
    }

    void send(byte[] request) throws IOException {
      reply = new HttpReply();
      write(ByteBuffer.wrap(request));
    }

    @Override
    void onConnected() throws IOException {
      byte[] request = first;
      first = null;
      if (request != null) {
        send(request);
      }
    }

    @Override
    void onRead(ByteBuffer in) throws IOException {
      HttpReply current = reply;
      if (current == null) {
        throw new IOException("an answer to nothing");
      }
      if (!current.take(in)) {
        return;
      }
      reply = null;
      if (current.status() / 100 == 2) {
        answered++;
      } else {
        failures.merge("answered " + current.status(), 1, Integer::sum);
      }
      byte[] next = waiting.poll();
      if (next == null) {
        underWay--;
        idle.push(this);
      } else {
        send(next);
      }
    }

    @Override
    void onGone(@Nullable IOException failure) {
      open--;
      if (reply != null || first != null) {
        underWay--;
        failures.merge(failure == null ? "end of line" : failure + "", 1, Integer::sum);
      } else {
        idle.remove(this);
      }
    }
  }
}

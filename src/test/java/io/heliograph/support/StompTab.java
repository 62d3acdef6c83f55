package io.heliograph.support;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A STOMP client that sends exactly the frames that a test gives it. Each question takes the next
 * frame and fails when none comes in half a minute; the connection's end shows as one of the
 * command {@code closed}.
 */
public final class StompTab implements AutoCloseable {

  private static final int PATIENCE_SECONDS = 30;

  /** A frame of the server; of a repeated header the first. */
  public record Frame(String command, Map<String, String> headers, String body) {

    public String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  private final RawSocket line;
  private final SocketReader reader;
  private final LinkedBlockingQueue<Frame> arrived = new LinkedBlockingQueue<>();
  private final AtomicInteger heartbeats = new AtomicInteger();

  private StompTab(RawSocket line) {
    this.line = line;
    this.reader =
        new SocketReader(
            line,
            this::arrived,
            code -> arrived.add(new Frame("closed", Map.of("code", "" + code), "")));
  }

  /** Shakes hands as a page does. */
  public static StompTab open(int port) {
    return open(port, "Origin: http://localhost", "Sec-WebSocket-Protocol: v12.stomp, v11.stomp");
  }

  public static StompTab open(int port, String... headers) {
    return openAt(port, "/stomp", headers);
  }

  public static StompTab openAt(int port, String path, String... headers) {
    RawSocket line = RawSocket.connect(port).send(RawSocket.handshake(path, headers));
    String head = line.readHead();
    if (!head.startsWith("HTTP/1.1 101 ")) {
      line.close();
      throw new AssertionError(head);
    }
    StompTab tab = new StompTab(line);
    tab.reader.start();
    return tab;
  }

  /** Opens and sends {@code CONNECT}; the answer is still to come. */
  public static StompTab connecting(int port, @Nullable String token) {
    StompTab tab = open(port);
    return token == null
        ? tab.send("CONNECT", "accept-version:1.2")
        : tab.send("CONNECT", "accept-version:1.2", "Authorization:Bearer " + token);
  }

  public static StompTab connected(int port, @Nullable String token) {
    StompTab tab = connecting(port, token);
    tab.next("CONNECTED");
    return tab;
  }

  // What it sends ---------------------------------------------------------------------------------

  /**
   * @param headers as they are on the wire
   */
  public StompTab send(String command, String... headers) {
    return sendText(command + '\n' + String.join("\n", headers) + "\n\n\0");
  }

  public StompTab sendBody(String body, String command, String... headers) {
    return sendText(command + '\n' + String.join("\n", headers) + "\n\n" + body + '\0');
  }

  public StompTab sendText(String message) {
    return send(RawFrame.text(message));
  }

  public StompTab send(RawFrame frame) {
    line.send(frame);
    return this;
  }

  /** Subscribes and takes the receipt, or the refusal. */
  public Frame subscribe(String id, String destination, String... headers) {
    List<String> all = new ArrayList<>(List.of(headers));
    all.add("id:" + id);
    all.add("destination:" + escape(destination));
    all.add("receipt:r-" + id);
    send("SUBSCRIBE", all.toArray(String[]::new));
    return next();
  }

  // What arrives ----------------------------------------------------------------------------------

  private void arrived(String text) {
    if (text.equals("\n")) {
      heartbeats.incrementAndGet();
      return;
    }
    arrived.add(parse(text));
  }

  private static Frame parse(String text) {
    int end = text.indexOf("\n\n");
    if (end < 0 || !text.endsWith("\0")) {
      throw new AssertionError("no frame: " + text);
    }
    String[] lines = text.substring(0, end).split("\n", -1);
    Map<String, String> headers = new LinkedHashMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      headers.putIfAbsent(
          unescape(lines[i].substring(0, colon)), unescape(lines[i].substring(colon + 1)));
    }
    String body = text.substring(end + 2, text.length() - 1);
    String length = headers.get("content-length");
    if (length != null
        && body.getBytes(StandardCharsets.UTF_8).length != Integer.parseInt(length)) {
      throw new AssertionError("content-length: " + text);
    }
    return new Frame(lines[0], headers, body);
  }

  public static String escape(String value) {
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace(":", "\\c");
  }

  private static String unescape(String value) {
    return value.replace("\\c", ":").replace("\\n", "\n").replace("\\\\", "\\");
  }

  public Frame next() {
    try {
      Frame frame = arrived.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (frame == null) {
        throw new AssertionError("nothing came");
      }
      return frame;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  public Frame next(String command) {
    Frame frame = next();
    if (!frame.command().equals(command)) {
      throw new AssertionError("expected " + command + ", got " + frame);
    }
    return frame;
  }

  /** Messages with these bodies come next, in this order. */
  public StompTab receives(String... bodies) {
    for (String body : bodies) {
      Frame frame = next("MESSAGE");
      if (!frame.body().equals(body)) {
        throw new AssertionError("expected " + body + ", got " + frame);
      }
    }
    return this;
  }

  /**
   * A question and its answer, with nothing before it: what was sent earlier would have come
   * earlier.
   */
  public StompTab thenNothing() {
    send("UNSUBSCRIBE", "id:nobodys", "receipt:nothing");
    Frame receipt = next("RECEIPT");
    if (!receipt.header("receipt-id").equals("nothing")) {
      throw new AssertionError(receipt.toString());
    }
    return this;
  }

  /** An ERROR and the close. */
  public Frame failsWith(int code) {
    Frame error = next("ERROR");
    closesWith(code);
    return error;
  }

  public StompTab closesWith(int code) {
    Frame closed = next("closed");
    if (!closed.header("code").equals("" + code)) {
      throw new AssertionError("expected " + code + ", got " + closed);
    }
    return this;
  }

  public int heartbeats() {
    return heartbeats.get();
  }

  public void stopsReading() {
    reader.stopsReading();
  }

  public void readsOn() {
    reader.readsOn();
  }

  /** Cuts the connection. */
  @Override
  public void close() {
    reader.cut();
  }
}

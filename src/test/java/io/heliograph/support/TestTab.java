package io.heliograph.support;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One browser tab: its line and what came over it. Each {@code receives…} takes the next frame and
 * fails when it is another one, or when none comes in half a minute. The line's end shows as a
 * frame of the type {@code closed}.
 */
public final class TestTab {

  private static final int PATIENCE_SECONDS = 30;

  private final RawSocket line;
  private final SocketReader reader;
  private final LinkedBlockingQueue<JsonNode> arrived = new LinkedBlockingQueue<>();

  /** Came before an answer that was waited for. */
  private final ArrayDeque<JsonNode> passedOver = new ArrayDeque<>();

  private final Map<String, String> positions = new ConcurrentHashMap<>();

  private int requests;
  private JsonNode welcome = TestBackend.JSON.createObjectNode();
  private String session = "";
  private String user = "";

  TestTab(RawSocket line) {
    this.line = line;
    this.reader = new SocketReader(line, this::arrived, this::ended);
    reader.start();
  }

  // What arrives ----------------------------------------------------------------------------------

  private void arrived(String text) {
    JsonNode json = TestBackend.JSON.readTree(text);
    if (json.has("channel") && json.has("position")) {
      positions.put(json.get("channel").stringValue(), json.get("position").stringValue());
    }
    arrived.add(json);
  }

  private void ended(int code) {
    arrived.add(TestBackend.JSON.createObjectNode().put("type", "closed").put("code", code));
  }

  TestTab welcomed() {
    welcome = next("welcome");
    session = welcome.get("session").stringValue();
    user = welcome.path("user").asString("");
    welcome
        .path("positions")
        .properties()
        .forEach(each -> positions.putIfAbsent(each.getKey(), each.getValue().stringValue()));
    return this;
  }

  /** Whatever comes next. */
  public JsonNode next() {
    return passedOver.isEmpty() ? take() : passedOver.remove();
  }

  public JsonNode next(String type) {
    JsonNode frame = next();
    if (!type.equals(frame.path("type").asString(""))) {
      throw new AssertionError("expected " + type + ", got " + frame);
    }
    return frame;
  }

  private JsonNode take() {
    try {
      JsonNode frame = arrived.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (frame == null) {
        throw new AssertionError("nothing came");
      }
      return frame;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The answer to a request; frames before it are kept for later questions. */
  private JsonNode answer(String id) {
    Iterator<JsonNode> earlier = passedOver.iterator();
    while (earlier.hasNext()) {
      JsonNode frame = earlier.next();
      if (id.equals(frame.path("id").asString(""))) {
        earlier.remove();
        return frame;
      }
    }
    while (true) {
      JsonNode frame = take();
      if (id.equals(frame.path("id").asString(""))) {
        return frame;
      }
      if (frame.path("type").asString("").equals("closed")) {
        throw new AssertionError("closed instead of an answer: " + frame + " after " + passedOver);
      }
      passedOver.add(frame);
    }
  }

  /** Messages with these texts come next, in this order. */
  public TestTab receives(String... texts) {
    for (String text : texts) {
      JsonNode message = next("message");
      if (!message.get("data").asString("").equals(text)) {
        throw new AssertionError("expected " + text + ", got " + message);
      }
    }
    return this;
  }

  /**
   * A question and its answer, with nothing before it: what was sent earlier would have come
   * earlier.
   */
  public TestTab thenNothing() {
    String id = sendRequest("ping", Map.of());
    JsonNode pong = next("pong");
    if (!id.equals(pong.path("id").asString(""))) {
      throw new AssertionError(pong.toString());
    }
    return this;
  }

  public TestTab closesWith(int code) {
    JsonNode closed = next("closed");
    if (closed.get("code").intValue() != code) {
      throw new AssertionError("expected " + code + ", got " + closed);
    }
    return this;
  }

  /** The close comes next, or after a bye. */
  public TestTab ends(int code) {
    JsonNode first = take();
    if (!first.path("type").asString("").equals("bye")) {
      passedOver.add(first);
    }
    return closesWith(code);
  }

  /** Bye with this reason, then the close. */
  public JsonNode byeAndClose(String reason, int code) {
    JsonNode bye = next("bye");
    if (!reason.equals(bye.path("reason").asString(""))) {
      throw new AssertionError(bye.toString());
    }
    closesWith(code);
    return bye;
  }

  // What it asks ----------------------------------------------------------------------------------

  /** Goes on where it was on its user's own channel. */
  public TestTab resuming(String position) {
    return resuming("user:" + user, position);
  }

  /** As the real client does: what comes before the answer is going to come again after it. */
  public TestTab resuming(String channel, String position) {
    JsonNode answer = subscribe(channel, null, position);
    if (!answer.path("recovered").booleanValue(false)) {
      throw new AssertionError(answer.toString());
    }
    return this;
  }

  /** Answers {@code subscribed} or {@code error}. */
  public JsonNode subscribe(String channel) {
    return subscribe(channel, null, null);
  }

  public JsonNode subscribe(String channel, @Nullable String token, @Nullable String since) {
    var fields = new java.util.HashMap<String, String>();
    fields.put("channel", channel);
    if (token != null) {
      fields.put("token", token);
    }
    if (since != null) {
      fields.put("since", since);
    }
    JsonNode answer = answer(sendRequest("subscribe", fields));
    if (since != null) {
      passedOver.removeIf(
          frame ->
              frame.path("type").asString("").equals("message")
                  && frame.path("channel").asString("").equals(channel));
    }
    return answer;
  }

  public JsonNode request(String type, Map<String, String> fields) {
    return answer(sendRequest(type, fields));
  }

  private String sendRequest(String type, Map<String, String> fields) {
    String id = "r" + ++requests;
    var frame = TestBackend.JSON.createObjectNode().put("type", type).put("id", id);
    fields.forEach(frame::put);
    send(frame.toString());
    return id;
  }

  /** Acknowledges all that came on the channel. */
  public TestTab acknowledges(String channel) {
    send(
        TestBackend.JSON
            .createObjectNode()
            .put("type", "ack")
            .put("channel", channel)
            .put("position", position(channel))
            .toString());
    return this;
  }

  public TestTab send(String text) {
    return send(RawFrame.text(text));
  }

  public TestTab send(RawFrame frame) {
    line.send(frame);
    return this;
  }

  // What it is ------------------------------------------------------------------------------------

  public JsonNode welcome() {
    return welcome;
  }

  public String session() {
    return session;
  }

  /** Where it stands on a channel. */
  public String position(String channel) {
    String position = positions.get(channel);
    if (position == null) {
      throw new AssertionError("no position on " + channel);
    }
    return position;
  }

  /** From now on like a peer whose network went away silently. */
  public TestTab fallsSilent() {
    reader.fallsSilent();
    return this;
  }

  /** From the next frame on it takes nothing off the line, as a page does that is asleep. */
  public TestTab stopsReading() {
    reader.stopsReading();
    return this;
  }

  /** Said by the thread that stopped it. */
  public TestTab readsOn() {
    reader.readsOn();
    return this;
  }

  /** The TCP connection ends without a word. */
  public void cut() {
    reader.cut();
  }
}

package io.heliograph.protocol.http;

import io.heliograph.message.Channel;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import io.heliograph.protocol.v1.JsonCodec;
import io.heliograph.session.CloseReason;
import io.heliograph.session.Codec;
import io.heliograph.session.Payload;
import io.heliograph.session.ServerEvent;
import io.heliograph.session.Session;
import io.heliograph.session.Subscription;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Server-Sent Events (HTML Standard, section 9.2). Each message has the vector of its session's
 * positions as its {@code id}, which the browser sends back when it reconnects. That line is the
 * session's own and stands first; the rest of the event is the same for all.
 */
enum EventCodec implements Codec {
  /** A message is an event of its own name, and its data is what was published. */
  EVENTS,
  /** Each message is an event without a name, and its data is version 1's message object. */
  ENVELOPES,
  /** Each event has no name, and its data is a frame of version 1. */
  FRAMES;

  /** Two would call an EventSource's own handlers, and the others say something of this server. */
  private static final Set<String> RESERVED =
      Set.of("error", "open", "welcome", "gap", "problem", "bye");

  /** How long a browser waits before it reconnects; EventSource itself does not scatter. */
  private static final int MIN_RETRY_MILLIS = 2_000;

  private static final int MAX_RETRY_MILLIS = 5_000;
  private static final int MAX_LATER_MILLIS = 15_000;

  private static final JsonFactory JSON = new JsonFactory();
  private static final JsonCodec OBJECTS = new JsonCodec();

  /**
   * A comment, which pages do not see: that the network takes it shows that the client is there.
   */
  static ByteBuffer comment() {
    return utf8(":\n\n");
  }

  /** The first line of a stream. */
  static ByteBuffer retry() {
    return utf8(retry(random(MIN_RETRY_MILLIS, MAX_RETRY_MILLIS)) + "\n");
  }

  /** All of a stream that is refused for now. */
  static ByteBuffer retryLater() {
    return utf8(retry(random(MAX_RETRY_MILLIS, MAX_LATER_MILLIS)) + "\n");
  }

  @Override
  public Payload encode(ServerEvent event) {
    if (this == FRAMES) {
      return Payload.of(data(object(event)));
    }
    return switch (event) {
      case ServerEvent.Delivery(Message message) ->
          new Payload(utf8(message(message)), EventCodec::idLine);
      case ServerEvent.Welcome welcome -> Payload.of(welcome(welcome));
      case ServerEvent.Gap gap ->
          Payload.of(
              event(
                  "gap",
                  json -> {
                    json.writeStringProperty("channel", gap.channel().text());
                    json.writeStringProperty("position", gap.position().text());
                  }));
      case ServerEvent.Refusal refusal -> Payload.of(problem(refusal));
      case ServerEvent.Bye bye -> Payload.of(bye(bye));
      case ServerEvent.Subscribed _,
          ServerEvent.Unsubscribed _,
          ServerEvent.Authenticated _,
          ServerEvent.Published _,
          ServerEvent.Result _,
          ServerEvent.UploadReady _,
          ServerEvent.Pong _ ->
          // Answers to requests, which a stream does not carry.
          Payload.NOTHING;
    };
  }

  private String message(Message message) {
    if (this == EVENTS && !RESERVED.contains(message.event())) {
      return "event: " + message.event() + "\n" + data(message.data());
    }
    return data(object(new ServerEvent.Delivery(message)));
  }

  private static String object(ServerEvent event) {
    return StandardCharsets.UTF_8.decode(OBJECTS.encode(event).bytes().duplicate()).toString();
  }

  /** Called under the session's lock. */
  private static List<ByteBuffer> idLine(Subscription subscription, Position position) {
    Session session = subscription.session();
    PositionVector vector = ((EventStream) session.transport()).vector(session);
    String text =
        vector.text(
            channel -> {
              if (channel.equals(subscription.channel())) {
                return position;
              }
              Subscription other = session.subscription(channel);
              return other == null ? null : other.cursor();
            });
    return List.of(utf8("id: " + text + "\n"));
  }

  private static String welcome(ServerEvent.Welcome welcome) {
    String id = new PositionVector(welcome.channels()).text(welcome.positions()::get);
    return "id: "
        + id
        + "\n"
        + event(
            "welcome",
            json -> {
              json.writeStringProperty("session", welcome.session());
              json.writeNumberProperty("heartbeat", welcome.heartbeat().toMillis());
              if (welcome.user() != null) {
                json.writeStringProperty("user", welcome.user());
              }
              if (welcome.expires() != null) {
                json.writeStringProperty("expires", welcome.expires().toString());
              }
              json.writeStringProperty("time", welcome.time().toString());
              channels(json, "channels", welcome.channels());
              json.writeBooleanProperty("recovered", welcome.lost().isEmpty());
              channels(json, "lost", welcome.lost());
            });
  }

  private static String problem(ServerEvent.Refusal refusal) {
    ServerEvent.Problem problem = refusal.problem();
    return event(
        "problem",
        json -> {
          json.writeStringProperty("type", problem.type());
          json.writeStringProperty("title", problem.title());
          json.writeNumberProperty("status", problem.status());
          if (problem.detail() != null) {
            json.writeStringProperty("detail", problem.detail());
          }
          if (refusal.channel() != null) {
            json.writeStringProperty("channel", refusal.channel().text());
          }
        });
  }

  /**
   * An EventSource always comes back. One that is to stay away is given an id with which its next
   * request is answered 204, which ends it.
   */
  private static String bye(ServerEvent.Bye bye) {
    Long hint = reconnectAfterMillis(bye);
    String head = hint == null ? "id: " + PositionVector.STOP + "\n" : retry(hint);
    return head
        + event(
            "bye",
            json -> {
              json.writeStringProperty("reason", bye.reason());
              if (hint == null) {
                json.writeNullProperty("reconnectAfterMs");
              } else {
                json.writeNumberProperty("reconnectAfterMs", hint);
              }
            });
  }

  /**
   * When the client may come back; null: never. At the end of its token it may: with another token
   * it goes on where it was, and without one it gets 401.
   */
  static @Nullable Long reconnectAfterMillis(ServerEvent.Bye bye) {
    if (bye.reconnectAfter() != null) {
      return bye.reconnectAfter().toMillis();
    }
    return bye.reason().equals(CloseReason.TOKEN.tag())
        ? random(MIN_RETRY_MILLIS, MAX_RETRY_MILLIS)
        : null;
  }

  private static void channels(JsonGenerator json, String name, List<Channel> channels) {
    json.writeArrayPropertyStart(name);
    channels.forEach(channel -> json.writeString(channel.text()));
    json.writeEndArray();
  }

  private static String event(String name, Consumer<JsonGenerator> members) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      members.accept(json);
      json.writeEndObject();
    }
    return "event: " + name + "\n" + data(text.toString());
  }

  /**
   * With the blank line that ends the event.
   *
   * @param json without line ends, which no message's data has
   */
  private static String data(String json) {
    return "data: " + json + "\n\n";
  }

  private static String retry(long millis) {
    return "retry: " + millis + "\n";
  }

  private static Long random(int from, int to) {
    return ThreadLocalRandom.current().nextLong(from, to + 1L);
  }

  private static ByteBuffer utf8(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }
}

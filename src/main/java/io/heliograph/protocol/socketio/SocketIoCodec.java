package io.heliograph.protocol.socketio;

import io.heliograph.message.Channel;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import io.heliograph.protocol.v1.JsonCodec;
import io.heliograph.session.Codec;
import io.heliograph.session.Payload;
import io.heliograph.session.ServerEvent;
import io.heliograph.transport.engineio.EngineFraming;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Events as packets of Socket.IO. A message is an event of its own name, whose arguments are its
 * data, where it stands, and its {@link #offset}. What the server says of itself are events, too,
 * with version 1's objects as data; answers are acknowledgements with such an object.
 *
 * <p>The {@code id} of a request is the beginning of the packet that answers it: {@code 3} and the
 * number of the acknowledgement, or {@code 4} and a namespace.
 */
final class SocketIoCodec implements Codec {

  /** As metrics name it. */
  static final String PROTOCOL = "socketio";

  /** The offset of a client that has got no message. */
  static final String START = "start";

  private static final JsonFactory JSON = new JsonFactory();
  private static final JsonCodec OBJECTS = new JsonCodec();

  private static final String CONNECT = "0";
  private static final String DISCONNECT = "1";
  private static final String EVENT = "2";
  private static final String ACK = "3";
  private static final String CONNECT_ERROR = "4";
  private static final char SEPARATOR = EngineFraming.SEPARATOR;

  /** Names that would call handlers of the client itself, or that the server uses. */
  private static final Set<String> RESERVED =
      Set.of(
          "connect",
          "connect_error",
          "disconnect",
          "disconnecting",
          "newListener",
          "removeListener",
          "welcome",
          "gap",
          "problem",
          "bye");

  /** The id of a request with this acknowledgement. */
  static String acknowledgement(String number) {
    return ACK + number;
  }

  /** The id of a request for this namespace. */
  static String namespace(String namespace) {
    return CONNECT_ERROR + namespace + ",";
  }

  static String invalidNamespace(String id) {
    return id + "{\"message\":\"Invalid namespace\"}";
  }

  /** What one string can say of where a client is: the same for all that get the message. */
  static String offset(Channel channel, Position position) {
    return channel.text() + '@' + position.text();
  }

  @Override
  public Payload encode(ServerEvent event) {
    return switch (event) {
      case ServerEvent.Welcome welcome -> welcome(welcome, null, welcome.lost().isEmpty());
      case ServerEvent.Delivery(Message message) -> Payload.of(message(message));
      case ServerEvent.Gap _ -> named("gap", event);
      case ServerEvent.Bye bye ->
          bye.reconnectAfter() == null
              ? Payload.of(text("bye", event) + SEPARATOR + DISCONNECT)
              : named("bye", event);
      case ServerEvent.Subscribed subscribed -> subscribed(subscribed);
      case ServerEvent.Refusal refusal -> refusal(refusal);
      case ServerEvent.Unsubscribed(String id) ->
          answer(id, object(new ServerEvent.Unsubscribed(null)));
      case ServerEvent.Authenticated answer ->
          answer(
              answer.id(),
              object(
                  new ServerEvent.Authenticated(
                      null, answer.user(), answer.expires(), answer.positions())));
      case ServerEvent.Published answer ->
          answer(
              answer.id(),
              object(
                  new ServerEvent.Published(
                      null, answer.message(), answer.position(), answer.repeated())));
      // A handler gets what the backend answered, as from a server of its own.
      case ServerEvent.Result(String id, String data) -> answer(id, data);
      case ServerEvent.Pong(String id) -> answer(id, object(new ServerEvent.Pong(null)));
      // Nothing asks for one.
      case ServerEvent.UploadReady _ -> Payload.NOTHING;
    };
  }

  /**
   * The answer to CONNECT, and what the session begins with.
   *
   * @param privateId with which the client can recover this session; null: it cannot
   * @param recovered whether nothing was lost since the client was last here
   */
  static Payload welcome(
      ServerEvent.Welcome welcome, @Nullable String privateId, boolean recovered) {
    String connected =
        json(
            json -> {
              json.writeStringProperty("sid", welcome.session());
              text(json, "pid", privateId);
            });
    String data =
        json(
            json -> {
              json.writeStringProperty("session", welcome.session());
              json.writeNumberProperty("heartbeat", welcome.heartbeat().toMillis());
              text(json, "user", welcome.user());
              text(
                  json, "expires", welcome.expires() == null ? null : welcome.expires().toString());
              json.writeStringProperty("time", welcome.time().toString());
              channels(json, "channels", welcome.channels());
              json.writeObjectPropertyStart("positions");
              welcome
                  .positions()
                  .forEach((channel, at) -> json.writeStringProperty(channel.text(), at.text()));
              json.writeEndObject();
              json.writeBooleanProperty("recovered", recovered);
              channels(json, "lost", welcome.lost());
            });
    String offset = privateId == null ? "" : ",\"" + START + '"';
    return Payload.of(
        CONNECT + connected + SEPARATOR + EVENT + "[\"welcome\"," + data + offset + ']');
  }

  private static String message(Message message) {
    String meta =
        json(
            json -> {
              json.writeStringProperty("channel", message.channel().text());
              json.writeStringProperty("position", message.position().text());
              json.writeStringProperty("id", message.id());
              json.writeStringProperty("time", message.time().toString());
              text(json, "from", message.from());
            });
    boolean reserved = RESERVED.contains(message.event());
    StringWriter packet = new StringWriter(message.data().length() + 256);
    packet.write(EVENT);
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), packet)) {
      json.writeStartArray();
      json.writeString(reserved ? "message" : message.event());
      json.writeRawValue(reserved ? object(new ServerEvent.Delivery(message)) : message.data());
      json.writeRawValue(meta);
      json.writeString(offset(message.channel(), message.position()));
      json.writeEndArray();
    }
    return packet.toString();
  }

  private static Payload subscribed(ServerEvent.Subscribed subscribed) {
    if (subscribed.id() != null) {
      return answer(
          subscribed.id(),
          object(
              new ServerEvent.Subscribed(
                  null,
                  subscribed.channel(),
                  subscribed.position(),
                  subscribed.recovered(),
                  subscribed.expires(),
                  subscribed.state())));
    }
    // No request waits for the answer, but a loss has to be reported.
    return subscribed.recovered()
        ? Payload.NOTHING
        : named("gap", new ServerEvent.Gap(subscribed.channel(), subscribed.position()));
  }

  private static Payload refusal(ServerEvent.Refusal refusal) {
    String id = refusal.id();
    if (id == null) {
      return named("problem", refusal);
    }
    return id.startsWith(CONNECT_ERROR)
        ? Payload.of(invalidNamespace(id))
        : answer(id, object(new ServerEvent.Refusal(null, refusal.channel(), refusal.problem())));
  }

  /**
   * The answer to a client that may not connect.
   *
   * @param problem with what was wrong
   */
  static String refused(String message, ServerEvent.Problem problem) {
    return CONNECT_ERROR
        + json(
            json -> {
              json.writeStringProperty("message", message);
              json.writeObjectPropertyStart("data");
              json.writeStringProperty("type", problem.type());
              json.writeStringProperty("title", problem.title());
              json.writeNumberProperty("status", problem.status());
              text(json, "detail", problem.detail());
              json.writeEndObject();
            });
  }

  private static Payload answer(@Nullable String id, String data) {
    return id == null ? Payload.NOTHING : Payload.of(id + '[' + data + ']');
  }

  private static Payload named(String name, ServerEvent event) {
    return Payload.of(text(name, event));
  }

  private static String text(String name, ServerEvent event) {
    return EVENT + "[\"" + name + "\"," + object(event) + ']';
  }

  /** As version 1 says it. */
  private static String object(ServerEvent event) {
    return StandardCharsets.UTF_8.decode(OBJECTS.encode(event).bytes().duplicate()).toString();
  }

  private static String json(Consumer<JsonGenerator> members) {
    StringWriter text = new StringWriter(192);
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      members.accept(json);
      json.writeEndObject();
    }
    return text.toString();
  }

  private static void text(JsonGenerator json, String name, @Nullable String value) {
    if (value != null) {
      json.writeStringProperty(name, value);
    }
  }

  private static void channels(JsonGenerator json, String name, List<Channel> channels) {
    json.writeArrayPropertyStart(name);
    channels.forEach(channel -> json.writeString(channel.text()));
    json.writeEndArray();
  }
}

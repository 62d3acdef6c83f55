package io.heliograph.blackbox;

import io.heliograph.session.CloseReason;
import io.heliograph.support.EngineClient;
import io.heliograph.support.TestBackend;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Socket.IO, on whatever carries Engine.IO. */
@TestPropertySource(
    properties = {"heliograph.socketio.enabled=true", "heliograph.session.send-timeout=60s"})
abstract class SocketIoContract extends ConversationContract {

  static final String PATH = "/socket.io/";

  /** From a page of the service's own origin. */
  abstract EngineClient open();

  @Override
  Client connect(@Nullable String token) {
    EngineClient engine = open();
    engine.next();
    ObjectNode auth = json();
    // Nothing but its own: otherwise all that its token names.
    auth.putArray("channels");
    if (token != null) {
      auth.put("token", token);
    }
    engine.send("40" + auth);
    engine.next();
    return new Conversation(engine);
  }

  private static ObjectNode json() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** The fields of version 1 as events, and back. */
  private static final class Conversation implements Client {

    private final EngineClient engine;
    private String reason = "gone";

    Conversation(EngineClient engine) {
      this.engine = engine;
    }

    @Override
    public void send(Map<String, String> request) {
      ArrayNode event = JsonNodeFactory.instance.arrayNode();
      String type = request.getOrDefault("type", "");
      event.add(type.equals("call") ? request.get("method") : type);
      switch (type) {
        case "subscribe" -> {
          event.add(request.get("channel"));
          event.add(options(request, "token", "since"));
        }
        case "unsubscribe" -> event.add(request.get("channel"));
        case "ack" -> event.add(request.get("channel")).add(request.get("position"));
        case "auth" -> event.add(options(request, "token"));
        case "publish" ->
            event
                .add(request.get("channel"))
                .add(request.get("event"))
                .add(request.get("data"))
                .add(options(request, "idempotencyKey"));
        case "call" -> event.add(request.get("data"));
        default -> {}
      }
      engine.send("42" + request.getOrDefault("id", "") + event);
    }

    private static ObjectNode options(Map<String, String> request, String... names) {
      ObjectNode options = json();
      for (String name : names) {
        if (request.containsKey(name)) {
          options.put(name, request.get(name));
        }
      }
      return options;
    }

    @Override
    public void sendGarbage() {
      engine.send("4garbage");
    }

    @Override
    public Map<String, String> next() {
      String packet = engine.next();
      while (packet.equals("41")) {
        packet = engine.next();
      }
      if (packet.startsWith("closed")) {
        // An answer to a poll has no close code; what the bye said stands for it.
        String code =
            packet.equals("closed")
                ? String.valueOf(CloseReason.valueOf(reason.toUpperCase(Locale.ROOT)).code())
                : packet.substring(7);
        return Map.of("type", "closed", "code", code);
      }
      int begin = packet.indexOf('[');
      ArrayNode arguments = (ArrayNode) TestBackend.JSON.readTree(packet.substring(begin));
      if (packet.startsWith("43")) {
        Map<String, String> answer = WebSocketConversationTests.fields(arguments.get(0));
        answer.put("id", packet.substring(2, begin));
        return answer;
      }
      return values(arguments);
    }

    private Map<String, String> values(ArrayNode arguments) {
      String event = arguments.get(0).stringValue();
      if (arguments.size() == 4) {
        Map<String, String> message = WebSocketConversationTests.fields(arguments.get(2));
        message.put("type", "message");
        message.put("event", event);
        JsonNode data = arguments.get(1);
        message.put("data", data.isString() ? data.stringValue() : data.toString());
        return message;
      }
      Map<String, String> fields =
          new LinkedHashMap<>(WebSocketConversationTests.fields(arguments.get(1)));
      fields.putIfAbsent("type", event);
      reason = fields.getOrDefault("reason", reason);
      return fields;
    }

    @Override
    public void stopsReading() {
      engine.stopsReading();
    }

    @Override
    public void readsOn() {
      engine.readsOn();
    }

    @Override
    public void close() {
      engine.close();
    }
  }
}

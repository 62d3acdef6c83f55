package io.heliograph.protocol.v1;

import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * What a browser asks for in version 1, read from one text frame.
 *
 * <p>The {@code id} of a request is the client's own, a text or a number; it is kept as JSON text
 * and comes back in the answer as it was.
 */
sealed interface ClientRequest {

  /**
   * @param token a capability; null: the session itself has the right
   * @param since null: from now on
   */
  record Subscribe(String id, Channel channel, @Nullable String token, @Nullable Position since)
      implements ClientRequest {
    @Override
    public String toString() {
      return "subscribe " + channel.kind().tag();
    }
  }

  record Unsubscribe(String id, Channel channel) implements ClientRequest {}

  record Ack(Channel channel, Position position) implements ClientRequest {}

  record Auth(String id, String token) implements ClientRequest {
    @Override
    public String toString() {
      return "auth";
    }
  }

  record Ping(@Nullable String id) implements ClientRequest {}

  /**
   * It is a frame, but asks for something that cannot be: answered with an error, the line stays.
   */
  final class Invalid extends Exception {
    private final @Nullable String id;

    Invalid(@Nullable String id, String detail) {
      super(detail, null, false, false);
      this.id = id;
    }

    @Nullable String id() {
      return id;
    }
  }

  /** It is no frame at all: closes the line with 4400. */
  final class Malformed extends Exception {
    Malformed(String detail) {
      super(detail, null, false, false);
    }
  }

  int MAX_ID_LENGTH = 64;

  /** Deep enough to pass over a field that is not known, too shallow to be a burden. */
  JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(16).maxNumberLength(32).build())
          .build();

  static ClientRequest parse(String text) throws Malformed, Invalid {
    Map<String, String> fields = fields(text);
    String id = fields.get("id");
    String type = fields.get("type");
    if (type == null) {
      throw new Malformed("a frame has a type");
    }
    return switch (type) {
      case "subscribe" ->
          new Subscribe(
              required(id, id, "id"),
              channel(fields, id),
              fields.get("token"),
              fields.containsKey("since") ? position(fields, "since", id) : null);
      case "unsubscribe" -> new Unsubscribe(required(id, id, "id"), channel(fields, id));
      case "ack" -> new Ack(channel(fields, id), position(fields, "position", id));
      case "auth" -> new Auth(required(id, id, "id"), required(fields.get("token"), id, "token"));
      case "ping" -> new Ping(id);
      default -> throw new Invalid(id, "type is subscribe, unsubscribe, ack, auth or ping");
    };
  }

  /**
   * The texts of the frame's fields; those that are neither text nor, for the id, a number are left
   * out.
   */
  private static Map<String, String> fields(String text) throws Malformed, Invalid {
    Map<String, String> fields = HashMap.newHashMap(8);
    String wrongType = null;
    try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), text)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new Malformed("a frame is one JSON object");
      }
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        switch (name) {
          case "id" -> fields.put(name, id(json, value));
          case "type", "channel", "token", "since", "position" -> {
            if (value == JsonToken.VALUE_STRING) {
              fields.put(name, json.getString());
            } else if (value != JsonToken.VALUE_NULL) {
              wrongType = name;
              json.skipChildren();
            }
          }
          default -> json.skipChildren();
        }
      }
      if (json.nextToken() != null) {
        throw new Malformed("a frame is one JSON object");
      }
    } catch (JacksonException e) {
      throw new Malformed("a frame is one well-formed JSON object, each field once");
    }
    if (wrongType != null) {
      throw new Invalid(fields.get("id"), wrongType + " is a text");
    }
    return fields;
  }

  private static String id(JsonParser json, JsonToken value) throws Malformed {
    String id =
        switch (value) {
          case VALUE_STRING -> {
            String quoted = json.getString();
            yield quoted.chars().allMatch(c -> c > 0x1f && c < 0x7f && c != '"' && c != '\\')
                ? '"' + quoted + '"'
                : "";
          }
          case VALUE_NUMBER_INT -> json.getString();
          default -> "";
        };
    if (id.isEmpty() || id.length() > MAX_ID_LENGTH + 2) {
      throw new Malformed(
          "id is a number, or a text of at most " + MAX_ID_LENGTH + " printable characters");
    }
    return id;
  }

  private static String required(@Nullable String value, @Nullable String id, String name)
      throws Invalid {
    if (value == null) {
      throw new Invalid(id, name + " is missing");
    }
    return value;
  }

  private static Channel channel(Map<String, String> fields, @Nullable String id) throws Invalid {
    String text = required(fields.get("channel"), id, "channel");
    try {
      return Channel.parse(text);
    } catch (IllegalArgumentException e) {
      throw new Invalid(id, String.valueOf(e.getMessage()));
    }
  }

  private static Position position(Map<String, String> fields, String name, @Nullable String id)
      throws Invalid {
    String text = required(fields.get(name), id, name);
    try {
      return Position.parse(text);
    } catch (IllegalArgumentException e) {
      throw new Invalid(id, name + ": " + e.getMessage());
    }
  }
}

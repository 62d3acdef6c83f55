package io.heliograph.protocol.v1;

import static java.util.stream.Collectors.joining;

import io.heliograph.client.ClientRequest;
import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import io.heliograph.publish.RawJson;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads requests of version 1, each from one text frame.
 *
 * <p>The {@code id} of a request is the client's own, a text or a number; it is kept as JSON text
 * and comes back in the answer as it was.
 */
public final class JsonRequests {

  /**
   * It is a frame, but asks for something that cannot be: answered with an error, and the
   * connection stays.
   */
  public static final class Invalid extends Exception {
    private final @Nullable String id;

    Invalid(@Nullable String id, String detail) {
      super(detail, null, false, false);
      this.id = id;
    }

    @Nullable String id() {
      return id;
    }
  }

  /** It is no frame at all: closes the connection with 4400. */
  public static final class Malformed extends Exception {
    Malformed(String detail) {
      super(detail, null, false, false);
    }
  }

  private static final int MAX_ID_LENGTH = 64;

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /** What each type of frame may hold besides {@code type} and {@code id}. */
  private static final Map<String, Set<String>> FIELDS =
      Map.of(
          "subscribe", Set.of("channel", "token", "since"),
          "unsubscribe", Set.of("channel"),
          "ack", Set.of("channel", "position"),
          "auth", Set.of("token"),
          "publish", Set.of("channel", "event", "data", "idempotencyKey"),
          "call", Set.of("method", "data", "idempotencyKey"),
          "upload", Set.of("name", "contentType", "size"),
          "ping", Set.of());

  private JsonRequests() {}

  public static ClientRequest parse(String text) throws Malformed, Invalid {
    Map<String, String> fields = fields(text);
    String id = fields.get("id");
    String type = fields.get("type");
    if (type == null) {
      throw new Malformed("a frame has a type");
    }
    Set<String> known = FIELDS.get(type);
    if (known == null) {
      throw new Invalid(
          id, "type: has to be subscribe, unsubscribe, ack, auth, publish, call, upload or ping");
    }
    for (String name : fields.keySet()) {
      if (!known.contains(name) && !name.equals("type") && !name.equals("id")) {
        throw new Invalid(id, unknown(type, name, known));
      }
    }
    return switch (type) {
      case "subscribe" ->
          new ClientRequest.Subscribe(
              required(id, id, "id"),
              channel(fields, id),
              fields.get("token"),
              fields.containsKey("since") ? position(fields, "since", id) : null);
      case "unsubscribe" ->
          new ClientRequest.Unsubscribe(required(id, id, "id"), channel(fields, id));
      case "ack" ->
          new ClientRequest.Acknowledge(id, channel(fields, id), position(fields, "position", id));
      case "auth" ->
          new ClientRequest.Authenticate(
              required(id, id, "id"), required(fields.get("token"), id, "token"));
      case "publish" ->
          new ClientRequest.Publish(
              required(id, id, "id"),
              channel(fields, id),
              fields.get("event"),
              required(fields.get("data"), id, "data"),
              fields.get("idempotencyKey"));
      case "call" ->
          new ClientRequest.Call(
              required(id, id, "id"),
              required(fields.get("method"), id, "method"),
              fields.getOrDefault("data", "null"),
              fields.get("idempotencyKey"));
      case "upload" ->
          new ClientRequest.Upload(
              required(id, id, "id"),
              required(fields.get("name"), id, "name"),
              fields.getOrDefault("contentType", "application/octet-stream"),
              Long.parseLong(fields.getOrDefault("size", "-1")));
      default -> new ClientRequest.Ping(id);
    };
  }

  private static String unknown(String type, String name, Set<String> known) {
    String shown = name.length() > MAX_ID_LENGTH ? name.substring(0, MAX_ID_LENGTH) + "..." : name;
    String fields = Stream.concat(Stream.of("id"), known.stream().sorted()).collect(joining(", "));
    return "unknown field '" + shown + "': " + type + " has " + fields;
  }

  /**
   * The texts of the frame's fields. A field that is not known is kept by its name, with an empty
   * text; one that is {@code null} counts as left out.
   */
  private static Map<String, String> fields(String text) throws Malformed, Invalid {
    Map<String, String> fields = HashMap.newHashMap(8);
    String invalid = null;
    try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), text)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new Malformed("a frame is one JSON object");
      }
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        switch (name) {
          case "id" -> {
            String id = id(json, value);
            if (id != null) {
              fields.put(name, id);
            } else if (value != JsonToken.VALUE_NULL) {
              invalid =
                  "id: has to be a number or a string of at most " + MAX_ID_LENGTH + " characters";
              json.skipChildren();
            }
          }
          case "data" -> fields.put(name, RawJson.source(json, text));
          case "size" -> {
            // 18 digits are as many as there are bytes anywhere, and fit.
            if (value == JsonToken.VALUE_NUMBER_INT && json.getString().matches("[0-9]{1,18}")) {
              fields.put(name, json.getString());
            } else if (value != JsonToken.VALUE_NULL) {
              invalid = name + ": has to be a whole number of bytes, 0 or more";
              json.skipChildren();
            }
          }
          case "type",
              "channel",
              "token",
              "since",
              "position",
              "event",
              "idempotencyKey",
              "method",
              "name",
              "contentType" -> {
            if (value == JsonToken.VALUE_STRING) {
              fields.put(name, json.getString());
            } else if (value != JsonToken.VALUE_NULL) {
              invalid = name + ": has to be a string";
              json.skipChildren();
            }
          }
          default -> {
            fields.put(name, "");
            json.skipChildren();
          }
        }
      }
      if (json.nextToken() != null) {
        throw new Malformed("a frame is one JSON object");
      }
    } catch (StreamConstraintsException e) {
      throw new Invalid(fields.get("id"), "a name or number is too long, or nesting too deep");
    } catch (JacksonException e) {
      throw new Malformed("a frame is one well-formed JSON object, each field once");
    }
    if (invalid != null) {
      throw new Invalid(fields.get("id"), invalid);
    }
    return fields;
  }

  /** As JSON text that means the same; null when it is no id. */
  private static @Nullable String id(JsonParser json, JsonToken value) {
    String id =
        switch (value) {
          case VALUE_STRING, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> json.getString();
          default -> "";
        };
    if (id.isEmpty() || id.length() > MAX_ID_LENGTH || !isUnicode(id)) {
      return null;
    }
    return value == JsonToken.VALUE_STRING
        ? '"' + new String(JsonStringEncoder.getInstance().quoteAsCharArray(id)) + '"'
        : id;
  }

  /** False with half of a surrogate pair, which UTF-8 cannot say. */
  private static boolean isUnicode(String text) {
    return text.codePoints()
        .noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
  }

  private static String required(@Nullable String value, @Nullable String id, String name)
      throws Invalid {
    if (value == null) {
      throw new Invalid(id, name + ": is missing");
    }
    return value;
  }

  private static Channel channel(Map<String, String> fields, @Nullable String id) throws Invalid {
    String text = required(fields.get("channel"), id, "channel");
    try {
      return Channel.parse(text);
    } catch (IllegalArgumentException e) {
      throw new Invalid(id, "channel: " + e.getMessage());
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

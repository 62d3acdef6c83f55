package io.heliograph.protocol.socketio;

import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import io.heliograph.publish.RawJson;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Reads JSON texts as what they are to say, or names what is wrong with them. */
final class Arguments {

  private Arguments() {}

  /** Null when the argument is missing or JSON's null. */
  private static @Nullable String present(List<String> arguments, int index) {
    String json = index < arguments.size() ? arguments.get(index) : "null";
    return json.equals("null") ? null : json;
  }

  static String text(List<String> arguments, int index, String name)
      throws InvalidRequestException {
    String json = present(arguments, index);
    if (json == null) {
      throw new InvalidRequestException(name + ": is missing");
    }
    return text(json, name);
  }

  static String text(String json, String name) throws InvalidRequestException {
    if (json.startsWith("\"")) {
      try {
        return RawJson.value(json).asString();
      } catch (JacksonException e) {
        throw new InvalidRequestException(name + ": is no text that can be read");
      }
    }
    throw new InvalidRequestException(name + ": has to be a string");
  }

  static Channel channel(List<String> arguments, int index) throws InvalidRequestException {
    return channel(text(arguments, index, "channel"));
  }

  static Channel channel(String text) throws InvalidRequestException {
    try {
      return Channel.parse(text);
    } catch (IllegalArgumentException e) {
      throw new InvalidRequestException(String.valueOf(e.getMessage()));
    }
  }

  static Position position(String text, String name) throws InvalidRequestException {
    try {
      return Position.parse(text);
    } catch (IllegalArgumentException e) {
      throw new InvalidRequestException(name + ": " + e.getMessage());
    }
  }

  /** The members of an argument that may be left out, each a JSON text. */
  static Map<String, String> options(List<String> arguments, int index, Set<String> known)
      throws InvalidRequestException {
    String json = present(arguments, index);
    if (json == null) {
      return Map.of();
    }
    Map<String, String> members;
    try {
      members = RawJson.members(json);
    } catch (JacksonException e) {
      throw new InvalidRequestException("options: a member comes twice");
    }
    if (members == null) {
      throw new InvalidRequestException("options: have to be an object");
    }
    for (String name : members.keySet()) {
      if (!known.contains(name)) {
        throw new InvalidRequestException(
            "options: have an unknown member; known are "
                + String.join(", ", new TreeSet<>(known)));
      }
    }
    return members;
  }

  /** Null when the member is missing or JSON's null. */
  static @Nullable String text(Map<String, String> members, String name)
      throws InvalidRequestException {
    String json = members.get(name);
    return json == null || json.equals("null") ? null : text(json, name);
  }

  static void requireAtMost(List<String> arguments, int most, String form)
      throws InvalidRequestException {
    if (arguments.size() > most) {
      throw new InvalidRequestException("too many arguments; it is " + form);
    }
  }

  /** An object or array, or null for a text that cannot be read. */
  static @Nullable JsonNode tree(String json) {
    try {
      return RawJson.value(json);
    } catch (JacksonException e) {
      return null;
    }
  }
}

package io.heliograph.publish;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

/**
 * A JSON value in the form in which it was received, except for white space: numbers are not
 * rounded and strings keep their escapes on the way from the backend to the client.
 *
 * @param text compact and well-formed
 */
public record RawJson(String text) {

  /** Levels of arrays and objects in {@code data}. */
  public static final int MAX_DEPTH = 62;

  /** More digits than a JavaScript number can represent, and few enough to be parsed quickly. */
  public static final int MAX_NUMBER_LENGTH = 100;

  /** Characters of a name in an object. */
  public static final int MAX_NAME_LENGTH = 1_000;

  /** Deeper bodies are refused as a whole. */
  private static final int MAX_BODY_DEPTH = 10_000;

  /** For one message: an object with {@code data} in it. */
  static final JsonFactory MESSAGES = strict(MAX_DEPTH + 1);

  /** For {@code data} alone. */
  static final JsonFactory DATA = strict(MAX_DEPTH);

  /**
   * For bodies that contain several messages. It has no limits for single messages, so that a
   * message that exceeds them is refused alone and with the same reason as in a single publish.
   */
  private static final JsonFactory BODIES =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.defaults()
                  .rebuild()
                  .maxNestingDepth(MAX_BODY_DEPTH)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private static final ObjectReader VALUES =
      JsonMapper.builder(MESSAGES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build()
          .reader();

  /** A value that is sent on; null when the text is not one JSON value within the limits. */
  public static @Nullable RawJson parse(String json) {
    try (JsonParser parser = DATA.createParser(ObjectReadContext.empty(), json)) {
      parser.nextToken();
      String source = source(parser, json);
      requireEnd(parser);
      return hasLoneSurrogate(source) ? null : compact(source);
    } catch (JacksonException e) {
      return null;
    }
  }

  private static JsonFactory strict(int depth) {
    return JsonFactory.builder()
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .streamReadConstraints(
            StreamReadConstraints.defaults()
                .rebuild()
                .maxNestingDepth(depth)
                .maxNumberLength(MAX_NUMBER_LENGTH)
                .maxNameLength(MAX_NAME_LENGTH)
                .build())
        .build();
  }

  /**
   * The elements of an array, each as received; null when the text is not an array.
   *
   * @throws JacksonException when it is not well-formed
   */
  public static @Nullable List<String> elements(String json) {
    try (JsonParser parser = BODIES.createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        parser.skipChildren();
        requireEnd(parser);
        return null;
      }
      List<String> elements = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        elements.add(source(parser, json));
      }
      requireEnd(parser);
      return elements;
    }
  }

  /**
   * The members of an object, each as received; null when the text is not an object.
   *
   * @throws JacksonException when it is not well-formed, or has a member twice
   */
  public static @Nullable Map<String, String> members(String json) {
    try (JsonParser parser = BODIES.createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        parser.skipChildren();
        requireEnd(parser);
        return null;
      }
      Map<String, String> members = new LinkedHashMap<>();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        if (members.put(name, source(parser, json)) != null) {
          throw new StreamReadException(parser, "Duplicate member");
        }
      }
      requireEnd(parser);
      return members;
    }
  }

  /**
   * Parses a value with the limits of messages.
   *
   * @throws JacksonException when it exceeds a limit
   */
  public static JsonNode value(String json) {
    return VALUES.readTree(json);
  }

  /** Checks that nothing follows the value. */
  static void requireEnd(JsonParser parser) {
    if (parser.nextToken() != null) {
      throw new StreamReadException(parser, "a second value follows");
    }
  }

  /**
   * The source text of the value at the parser's current token. The parser is then at the value's
   * end.
   */
  public static String source(JsonParser parser, String json) {
    int begin = (int) parser.currentTokenLocation().getCharOffset();
    if (parser.currentToken() == null) {
      throw new StreamReadException(parser, "a value is missing");
    }
    if (parser.currentToken().isStructStart()) {
      parser.skipChildren();
    } else {
      parser.finishToken();
    }
    return json.substring(begin, (int) parser.currentLocation().getCharOffset());
  }

  /**
   * Removes the white space between tokens.
   *
   * @param json well-formed
   */
  static RawJson compact(String json) {
    int length = json.length();
    StringBuilder compact = null;
    boolean inText = false;
    int copied = 0;
    for (int i = 0; i < length; i++) {
      char c = json.charAt(i);
      if (c == '"') {
        inText = !inText;
      } else if (c == '\\') {
        i++;
      } else if (!inText && c <= ' ') {
        if (compact == null) {
          compact = new StringBuilder(length);
        }
        compact.append(json, copied, i);
        copied = i + 1;
      }
    }
    return new RawJson(compact == null ? json : compact.append(json, copied, length).toString());
  }

  /**
   * Whether a string in it holds half of a surrogate pair, also as an escape. Such a string cannot
   * be sent as UTF-8.
   *
   * @param json well-formed
   */
  static boolean hasLoneSurrogate(String json) {
    boolean high = false;
    int length = json.length();
    for (int i = 0; i < length; i++) {
      int c = json.charAt(i);
      if (c == '\\') {
        i++;
        if (json.charAt(i) == 'u') {
          c = Integer.parseInt(json, i + 1, i + 5, 16);
          i += 4;
        } else {
          c = 0;
        }
      }
      boolean low = c >= Character.MIN_LOW_SURROGATE && c <= Character.MAX_LOW_SURROGATE;
      if (high != low) {
        return true;
      }
      high = c >= Character.MIN_HIGH_SURROGATE && c <= Character.MAX_HIGH_SURROGATE;
    }
    return high;
  }
}

package io.heliograph.callback;

import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;

/** Reads the three forms of an event: our own, and the two modes of CloudEvents 1.0 over HTTP. */
@Component
final class CallbackEventReader {

  private static final MediaType STRUCTURED = MediaType.valueOf("application/cloudevents+json");

  /**
   * Numbers stay as they were written: a browser shall get 1.10 and 1e400 as the sender meant them.
   */
  private final ObjectReader json;

  CallbackEventReader(JsonMapper mapper) {
    this.json =
        mapper
            .reader()
            .with(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .without(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES);
  }

  /** Looks at the header alone, since nothing of a body is read that is not proved. */
  static void requireMediaType(HttpHeaders headers) {
    MediaType type;
    try {
      type = headers.getContentType();
    } catch (InvalidMediaTypeException e) {
      type = null;
    }
    boolean taken =
        type != null
            && (type.equalsTypeAndSubtype(MediaType.APPLICATION_JSON)
                || type.equalsTypeAndSubtype(STRUCTURED))
            && (type.getCharset() == null || type.getCharset().equals(StandardCharsets.UTF_8));
    if (!taken) {
      throw new ProblemException(
          ProblemType.UNSUPPORTED_MEDIA_TYPE,
          "Send application/json or application/cloudevents+json in UTF-8, one event at a time.");
    }
  }

  CallbackEvent read(HttpHeaders headers, byte[] body) {
    JsonNode root = parse(body);
    MediaType type = headers.getContentType();
    if (type != null && type.equalsTypeAndSubtype(STRUCTURED)) {
      requireVersion(text(root, "/specversion"));
      return new CallbackEvent(
          text(root, "/id"), text(root, "/type"), time(root, "/time"), data(root));
    }
    if (headers.getFirst("ce-specversion") != null) {
      requireVersion(header(headers, "ce-specversion"));
      String time = headers.getFirst("ce-time");
      return new CallbackEvent(
          header(headers, "ce-id"),
          header(headers, "ce-type"),
          time == null ? null : time("ce-time", time),
          root);
    }
    JsonNode id = root.path("id");
    return new CallbackEvent(
        id.isString() ? id.asString() : null,
        text(root, "/type"),
        time(root, "/timestamp"),
        data(root));
  }

  private JsonNode parse(byte[] body) {
    JsonNode root;
    try {
      // Jackson would guess UTF-16 and UTF-32 from the first bytes.
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
      root = json.readTree(text);
    } catch (CharacterCodingException e) {
      throw ProblemException.invalid("", "is not UTF-8");
    } catch (JacksonException e) {
      throw ProblemException.invalid("", "is not the well-formed JSON that is expected");
    }
    if (!root.isObject()) {
      throw ProblemException.invalid("", "is not an object");
    }
    return root;
  }

  private static JsonNode data(JsonNode root) {
    JsonNode data = root.path("data");
    if (!data.isObject()) {
      throw ProblemException.invalid("/data", "is not an object");
    }
    return data;
  }

  private static String text(JsonNode root, String pointer) {
    JsonNode value = root.at(pointer);
    if (!value.isString() || value.asString().isEmpty() || value.asString().length() > 128) {
      throw ProblemException.invalid(pointer, "is a text of 1 to 128 characters");
    }
    return value.asString();
  }

  private static @Nullable Instant time(JsonNode root, String pointer) {
    JsonNode value = root.at(pointer);
    return value.isMissingNode() || value.isNull() ? null : time(pointer, text(root, pointer));
  }

  private static Instant time(String pointer, String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw ProblemException.invalid(pointer, "is a time as in RFC 3339");
    }
  }

  private static String header(HttpHeaders headers, String name) {
    String value = SignatureHeaders.single(headers, name);
    if (value == null || value.isBlank() || value.length() > 128) {
      throw ProblemException.invalid(name, "is given once, with 1 to 128 characters");
    }
    return value;
  }

  private static void requireVersion(String version) {
    if (!version.equals("1.0")) {
      throw ProblemException.invalid("specversion", "is 1.0");
    }
  }
}

package io.heliograph.callback;

import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import io.heliograph.publish.PublishRequest;
import io.heliograph.publish.RawJson;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * Parses the three forms of an event: {@code {"type", "data"}}, and the two modes of CloudEvents
 * 1.0 over HTTP.
 */
@Component
final class CallbackEventReader {

  private static final MediaType STRUCTURED = MediaType.valueOf("application/cloudevents+json");

  /** Checks the header only, because the body is not parsed before its signature is verified. */
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
    String json = PublishRequest.text(body, 0, body.length);
    Map<String, String> root = members(json);
    MediaType type = headers.getContentType();
    if (type != null && type.equalsTypeAndSubtype(STRUCTURED)) {
      requireVersion(text(root, "specversion"));
      return new CallbackEvent(
          text(root, "id"), text(root, "type"), time(root, "time"), data(root));
    }
    if (headers.getFirst("ce-specversion") != null) {
      requireVersion(header(headers, "ce-specversion"));
      String time = headers.getFirst("ce-time");
      return new CallbackEvent(
          header(headers, "ce-id"),
          header(headers, "ce-type"),
          time == null ? null : time("ce-time", time),
          json);
    }
    JsonNode id = value(root, "id");
    return new CallbackEvent(
        id.isString() ? id.asString() : null,
        text(root, "type"),
        time(root, "timestamp"),
        data(root));
  }

  private static Map<String, String> members(String json) {
    Map<String, String> root;
    try {
      root = RawJson.members(json);
    } catch (JacksonException e) {
      throw PublishRequest.refusal(e, "");
    }
    if (root == null) {
      throw ProblemException.invalid("", "has to be an object");
    }
    return root;
  }

  private static JsonNode value(Map<String, String> root, String name) {
    String source = root.get(name);
    try {
      return source == null ? MissingNode.getInstance() : RawJson.value(source);
    } catch (JacksonException e) {
      throw PublishRequest.refusal(e, '/' + name);
    }
  }

  private static String data(Map<String, String> root) {
    String data = root.get("data");
    if (data == null || !data.startsWith("{")) {
      throw ProblemException.invalid("/data", "has to be an object");
    }
    return data;
  }

  private static String text(Map<String, String> root, String name) {
    JsonNode value = value(root, name);
    if (!value.isString() || value.asString().isEmpty() || value.asString().length() > 128) {
      throw ProblemException.invalid('/' + name, "has to be a string of 1 to 128 characters");
    }
    return value.asString();
  }

  private static @Nullable Instant time(Map<String, String> root, String name) {
    JsonNode value = value(root, name);
    return value.isMissingNode() || value.isNull() ? null : time('/' + name, text(root, name));
  }

  private static Instant time(String pointer, String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw ProblemException.invalid(
          pointer, "has to be a time such as 2026-01-31T12:00:00Z (RFC 3339)");
    }
  }

  private static String header(HttpHeaders headers, String name) {
    String value = SignatureHeaders.single(headers, name);
    if (value == null || value.isBlank() || value.length() > 128) {
      throw ProblemException.invalid(name, "has to be given once, with 1 to 128 characters");
    }
    return value;
  }

  private static void requireVersion(String version) {
    if (!version.equals("1.0")) {
      throw ProblemException.invalid("specversion", "has to be 1.0");
    }
  }
}

package io.heliograph.openapi;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Whether a value has the form that a schema says: the part of JSON Schema 2020-12 that the
 * document uses. Stricter in one thing: a field that is not described is wrong unless the schema
 * says that more may come.
 */
record Shape(Document document) {

  /** Each breach as a sentence; empty: it fits. */
  List<String> complaints(JsonNode value, JsonNode schema) {
    List<String> complaints = new ArrayList<>();
    check("", value, schema, complaints);
    return complaints;
  }

  private void check(String at, JsonNode value, JsonNode reference, List<String> to) {
    JsonNode schema = document.resolve(reference);
    JsonNode type = schema.path("type");
    boolean typed =
        type.isMissingNode()
            || (type.isArray() ? type.valueStream() : List.of(type).stream())
                .anyMatch(one -> is(one.asString(), value));
    if (!typed) {
      to.add(at + " is no " + type + ": " + value);
      return;
    }
    if (schema.has("const") && !schema.get("const").equals(value)) {
      to.add(at + " is not " + schema.get("const"));
    }
    if (schema.has("enum") && schema.get("enum").valueStream().noneMatch(value::equals)) {
      to.add(at + " is none of " + schema.get("enum") + ": " + value);
    }
    if (value.isString()) {
      checkText(at, value.stringValue(), schema, to);
    } else if (value.isNumber()
        && schema.has("minimum")
        && value.asDouble() < schema.get("minimum").asDouble()) {
      to.add(at + " is too small: " + value);
    } else if (value.isArray()) {
      int index = 0;
      for (JsonNode item : value) {
        check(at + '/' + index++, item, schema.path("items"), to);
      }
    } else if (value.isObject() && schema.has("properties")) {
      checkFields(at, value, schema, to);
    }
  }

  private static void checkText(String at, String text, JsonNode schema, List<String> to) {
    if (schema.has("pattern")
        && !Pattern.compile(schema.get("pattern").asString()).matcher(text).find()) {
      to.add(at + " does not match: " + text);
    }
    if (schema.path("format").asString("").equals("date-time")) {
      try {
        Instant.parse(text);
      } catch (DateTimeParseException e) {
        to.add(at + " is no time: " + text);
      }
    }
  }

  private void checkFields(String at, JsonNode value, JsonNode schema, List<String> to) {
    for (JsonNode required : schema.path("required")) {
      if (!value.has(required.asString())) {
        to.add(at + '/' + required.asString() + " is missing");
      }
    }
    for (var field : value.properties()) {
      JsonNode described = schema.path("properties").path(field.getKey());
      if (!described.isMissingNode()) {
        check(at + '/' + field.getKey(), field.getValue(), described, to);
      } else if (!schema.path("additionalProperties").asBoolean(false)) {
        to.add(at + '/' + field.getKey() + " is not described");
      }
    }
  }

  private static boolean is(String type, JsonNode value) {
    return switch (type) {
      case "string" -> value.isString();
      case "integer" -> value.isIntegralNumber();
      case "number" -> value.isNumber();
      case "boolean" -> value.isBoolean();
      case "array" -> value.isArray();
      case "object" -> value.isObject();
      case "null" -> value.isNull();
      default -> false;
    };
  }
}

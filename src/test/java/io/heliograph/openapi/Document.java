package io.heliograph.openapi;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** The contract as it is published. */
record Document(JsonNode root) {

  private static final Set<String> METHODS =
      Set.of("get", "put", "post", "delete", "options", "head", "patch", "trace");

  /** By method and path, such as {@code GET /v1/sessions}. */
  Map<String, Operation> operations() {
    Map<String, Operation> operations = new TreeMap<>();
    eachOperation((call, node) -> operations.put(call, operation(node)));
    return operations;
  }

  void eachOperation(BiConsumer<String, JsonNode> visitor) {
    for (var path : root.path("paths").properties()) {
      for (var method : path.getValue().properties()) {
        if (METHODS.contains(method.getKey())) {
          visitor.accept(
              method.getKey().toUpperCase(Locale.ROOT) + ' ' + path.getKey(), method.getValue());
        }
      }
    }
  }

  /** What a reference stands for; a sibling such as a description adds nothing to compare. */
  JsonNode resolve(JsonNode node) {
    String target = node.path("$ref").asString("");
    return target.isEmpty() ? node : resolve(root.at(target.substring(1)));
  }

  private Operation operation(JsonNode node) {
    Operation operation = new Operation();
    for (JsonNode parameter : node.path("parameters")) {
      operation.parameters().add(parameter(resolve(parameter)));
    }
    fields(node.path("requestBody"), false, operation.takes());
    for (var response : node.path("responses").properties()) {
      operation.statuses().add(response.getKey());
      if (response.getKey().startsWith("2")) {
        fields(resolve(response.getValue()), true, operation.answers());
      }
    }
    String scope = node.path("x-scope").asString("none");
    return new Operation(
        operation.parameters(),
        scope,
        operation.takes(),
        operation.answers(),
        operation.statuses());
  }

  private String parameter(JsonNode parameter) {
    JsonNode usual = resolve(parameter.path("schema")).path("default");
    return parameter.path("in").asString()
        + ' '
        + parameter.path("name").asString()
        + (parameter.path("required").asBoolean(false) ? "" : " optional")
        + (usual.isMissingNode() ? "" : " =" + usual.asString());
  }

  private void fields(JsonNode body, boolean markOptional, Set<String> to) {
    for (var media : body.path("content").properties()) {
      fields(media.getKey() + ' ', media.getValue().path("schema"), markOptional, to);
    }
  }

  private void fields(String at, JsonNode reference, boolean markOptional, Set<String> to) {
    JsonNode schema = resolve(reference);
    String type = type(schema);
    switch (type) {
      case "array" -> fields(at + "[]", schema.path("items"), markOptional, to);
      case "object" -> {
        Set<String> required =
            schema
                .path("required")
                .valueStream()
                .map(JsonNode::asString)
                .collect(Collectors.toSet());
        for (var property : schema.path("properties").properties()) {
          String name = property.getKey();
          String mark = markOptional && !required.contains(name) ? "?" : "";
          fields(at + '.' + name + mark, property.getValue(), markOptional, to);
        }
      }
      default -> to.add(at + ": " + type);
    }
  }

  private static String type(JsonNode schema) {
    List<String> types = new ArrayList<>();
    JsonNode type = schema.path("type");
    (type.isArray() ? type.valueStream() : List.of(type).stream())
        .map(one -> one.asString(""))
        .filter(one -> !one.isEmpty() && !one.equals("null"))
        .forEach(types::add);
    if (types.size() != 1) {
      return "any";
    }
    return schema.path("format").asString("").equals("date-time") ? "date-time" : types.getFirst();
  }
}

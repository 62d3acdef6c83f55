package io.heliograph.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks the running server, and compares each answer with the document.
 *
 * @param seen what was answered, such as {@code GET /v1/sessions 200}
 */
record Caller(
    Document document, JsonMapper json, String origin, HttpClient http, Set<String> seen) {

  record Answer(HttpResponse<String> response, JsonNode body) {
    String text(String field) {
      return body.path(field).asString("");
    }

    String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }
  }

  Answer send(
      String method,
      String path,
      String query,
      @Nullable String body,
      Map<String, String> variables,
      String... headers)
      throws Exception {
    String uri = path;
    for (var variable : variables.entrySet()) {
      uri = uri.replace("{" + variable.getKey() + "}", variable.getValue());
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(origin + uri + query))
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
    String called = method + ' ' + path + ' ' + response.statusCode();
    seen.add(called);
    JsonNode documented =
        document.resolve(
            document
                .root()
                .path("paths")
                .path(path)
                .path(method.toLowerCase(Locale.ROOT))
                .path("responses")
                .path(Integer.toString(response.statusCode())));
    assertThat(documented.isMissingNode())
        .as(called + " is documented: " + response.body())
        .isFalse();
    if (!documented.has("content")) {
      assertThat(response.body()).as(called).isEmpty();
      return new Answer(response, json.nullNode());
    }
    String type = response.headers().firstValue("Content-Type").orElse("").split(";")[0];
    assertThat(documented.path("content").has(type)).as(called + " as " + type).isTrue();
    if (!type.endsWith("json")) {
      assertThat(response.body()).as(called).isNotEmpty();
      return new Answer(response, json.nullNode());
    }
    JsonNode answer = json.readTree(response.body());
    assertThat(
            new Shape(document)
                .complaints(answer, documented.path("content").path(type).path("schema")))
        .as(called)
        .isEmpty();
    return new Answer(response, answer);
  }
}

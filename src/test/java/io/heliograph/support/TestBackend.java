package io.heliograph.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A backend with an API key, as its calls read: {@code backend.push("user:alice", "hello")}. */
public final class TestBackend {

  public static final JsonMapper JSON = JsonMapper.builder().build();

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** What came back. */
  public record Answer(int status, HttpHeaders headers, String body) {
    public JsonNode json() {
      return JSON.readTree(body);
    }

    public String text(String field) {
      return json().path(field).asString("");
    }
  }

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final int port;
  private final String key;

  public TestBackend(int port, String key) {
    this.port = port;
    this.key = LogScan.secret(key);
  }

  public TestBackend withKey(String otherKey) {
    return new TestBackend(port, otherKey);
  }

  /** The same caller at another port of the service. */
  public TestBackend at(int otherPort) {
    return new TestBackend(otherPort, key);
  }

  public int port() {
    return port;
  }

  /** Pushes texts one after the other. */
  public void pushAll(String channel, String... texts) {
    for (String text : texts) {
      Answer answer = push(channel, text);
      if (answer.status() != 202) {
        throw new AssertionError(answer.toString());
      }
    }
  }

  public Answer push(String channel, String text) {
    return push(channel, text, "");
  }

  /**
   * @param query such as {@code wait=acked&timeout=1s}
   */
  public Answer push(String channel, String text, String query, String... headers) {
    return post(
        pushPath(channel, query), "{\"data\":" + JSON.writeValueAsString(text) + "}", headers);
  }

  public CompletableFuture<Answer> pushing(
      String channel, String text, String query, String... headers) {
    return http.sendAsync(
            request(pushPath(channel, query), headers)
                .POST(BodyPublishers.ofString("{\"data\":" + JSON.writeValueAsString(text) + "}"))
                .header("Content-Type", "application/json")
                .build(),
            BodyHandlers.ofString())
        .thenApply(TestBackend::answer);
  }

  private static String pushPath(String channel, String query) {
    return "/v1/channels/" + channel + "/messages" + (query.isEmpty() ? "" : "?" + query);
  }

  public Answer post(String path, String json, String... headers) {
    return send(
        request(path, headers)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json)));
  }

  public Answer postNdjson(String lines, String... headers) {
    return send(
        request("/v1/messages", headers)
            .header("Content-Type", "application/x-ndjson")
            .POST(BodyPublishers.ofString(lines)));
  }

  public Answer get(String path) {
    return send(request(path).GET());
  }

  public Answer delete(String path) {
    return send(request(path).DELETE());
  }

  /** A token of ten minutes. */
  public String token(String user, String... channels) {
    return token(user, "10m", channels);
  }

  /**
   * @param user empty: a capability for the channels alone
   */
  public String token(String user, String ttl, String[] channels) {
    var order = JSON.createObjectNode().put("ttl", ttl);
    if (!user.isEmpty()) {
      order.put("user", user);
    }
    Arrays.stream(channels).forEach(order.putArray("channels")::add);
    Answer answer = post("/v1/tokens", order.toString());
    if (answer.status() != 201) {
      throw new AssertionError(answer.toString());
    }
    return LogScan.secret(answer.text("token"));
  }

  /**
   * A token of a user who may send.
   *
   * @param publish topics, exact or with * at the end, which may be followed, too, where exact
   */
  public String sender(String user, String... publish) {
    var order = JSON.createObjectNode().put("user", user);
    Arrays.stream(publish)
        .filter(topic -> !topic.endsWith("*"))
        .forEach(order.putArray("channels")::add);
    Arrays.stream(publish).forEach(order.putArray("publish")::add);
    Answer answer = post("/v1/tokens", order.toString());
    if (answer.status() != 201) {
      throw new AssertionError(answer.toString());
    }
    return LogScan.secret(answer.text("token"));
  }

  /** Sends a request exactly as it is given: for what no polite client sends. */
  public Answer raw(String requestLine, String body, String... headers) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    var head = new StringBuilder(requestLine).append(" HTTP/1.1\r\nHost: localhost\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    head.append("Connection: close\r\nContent-Length: ").append(bytes.length).append("\r\n\r\n");
    try (RawSocket line = RawSocket.connect(port)) {
      line.send(head.toString());
      try {
        line.send(bytes);
      } catch (UncheckedIOException e) {
        // It was refused before it had come whole; the answer may be there all the same.
      }
      String answer = line.readHead();
      if (answer.length() < 12) {
        throw new AssertionError(
            "no answer to " + requestLine.substring(0, Math.min(80, requestLine.length())));
      }
      String rest = line.readRest();
      // Chunked or not: the answers to what is refused are one object in one piece.
      int begin = rest.indexOf('{');
      return new Answer(
          Integer.parseInt(answer.substring(9, 12)),
          headersOf(answer),
          begin < 0 ? rest : rest.substring(begin, rest.lastIndexOf('}') + 1));
    }
  }

  private static HttpHeaders headersOf(String head) {
    return HttpHeaders.of(
        head.lines()
            .skip(1)
            .filter(line -> line.contains(":"))
            .collect(
                Collectors.groupingBy(
                    line -> line.substring(0, line.indexOf(':')),
                    Collectors.mapping(
                        line -> line.substring(line.indexOf(':') + 1).strip(),
                        Collectors.toList()))),
        (_, _) -> true);
  }

  public String authorization() {
    return "Authorization: Bearer " + key;
  }

  private HttpRequest.Builder request(String path, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
            .timeout(PATIENCE)
            .header("Authorization", "Bearer " + key);
    return headers.length == 0 ? request : request.headers(headers);
  }

  private Answer send(HttpRequest.Builder request) {
    try {
      return answer(http.send(request.build(), BodyHandlers.ofString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static Answer answer(HttpResponse<String> response) {
    return new Answer(response.statusCode(), response.headers(), response.body());
  }
}

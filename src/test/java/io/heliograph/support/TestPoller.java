package io.heliograph.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One client that polls: it sends back the position of the last answer. */
public final class TestPoller {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final int port;
  private final String query;
  private final String[] headers;
  private @Nullable String position;

  /**
   * @param query such as {@code channel=topic:news}; empty: none
   */
  public TestPoller(int port, String query, @Nullable String since, String... headers) {
    this.port = port;
    this.query = query;
    this.position = since;
    this.headers = headers;
  }

  /**
   * What comes within the wait.
   *
   * @throws AssertionError when the poll is refused
   */
  public JsonNode poll(int wait) {
    TestBackend.Answer answer = ask(wait);
    if (answer.status() != 200) {
      throw new AssertionError(answer.toString());
    }
    position = answer.text("position");
    return answer.json();
  }

  /** The answer, whatever it is; the position stays. */
  public TestBackend.Answer ask(int wait) {
    String path =
        "/poll?wait="
            + wait
            + (query.isEmpty() ? "" : "&" + query)
            + (position == null
                ? ""
                : "&since=" + URLEncoder.encode(position, StandardCharsets.UTF_8));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + path)).timeout(PATIENCE);
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      var answer = http.send(request.build(), BodyHandlers.ofString());
      return new TestBackend.Answer(answer.statusCode(), answer.headers(), answer.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Goes on where the other one, on another node, has come to. */
  public TestPoller from(TestPoller other) {
    position = other.position;
    return this;
  }

  public @Nullable String position() {
    return position;
  }
}

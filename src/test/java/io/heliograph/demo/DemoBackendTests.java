package io.heliograph.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

/** What people copy from the examples should be right: who may ask what, and how short it is. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {"management.server.port=0", "heliograph-demonstration=true"})
class DemoBackendTests {

  private static final int MOST_LINES_OF_A_PAGE = 150;
  private static final int MOST_LINES_OF_THE_BACKEND = 200;

  @LocalServerPort int port;

  @Value("${heliograph.upstream.url}")
  String calls;

  private final HttpClient http = HttpClient.newHttpClient();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "token?user=a/b",
        "token",
        "token?user=alice&channel=topic:orders",
        "token?user=alice&channel=everyone",
        "history?channel=topic:orders",
        "history?channel=everyone",
        "history"
      })
  void onlyTheChannelsOfTheExamplesAreGivenAway(String question) throws Exception {
    assertThat(get("/demo/" + question).statusCode()).isEqualTo(400);
  }

  @Test
  void aCallThatHeliographDidNotSignHasNoEffect() throws Exception {
    String body =
        """
        {"type":"client.call","data":{"method":"demo.order","user":"mallory","data":{"item":"Tea"}}}
        """;
    for (List<String> headers :
        List.of(
            List.of("webhook-id", "call_1"),
            List.of(
                "webhook-id", "call_1", "webhook-timestamp", "1", "webhook-signature", "v1,"))) {
      var request =
          HttpRequest.newBuilder(URI.create(calls))
              .headers(headers.toArray(String[]::new))
              .POST(BodyPublishers.ofString(body))
              .build();
      assertThat(http.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(400);
    }
    assertThat(get("/demo/history?channel=user:mallory").body()).contains("\"messages\":[]");
  }

  @Test
  void theExamplesAreShort() throws Exception {
    Path pages = Path.of(getClass().getResource("/demo/index.html").toURI()).getParent();
    try (Stream<Path> files = Files.list(pages)) {
      for (Path file : files.toList()) {
        assertThat(lines(file)).as(file.toString()).isLessThanOrEqualTo(MOST_LINES_OF_A_PAGE);
      }
    }
    Path backend = Path.of("src/test/java/io/heliograph/demo/DemoBackend.java");
    assertThat(lines(backend)).isLessThanOrEqualTo(MOST_LINES_OF_THE_BACKEND);
  }

  private static int lines(Path file) throws Exception {
    return Files.readAllLines(file).size();
  }

  private HttpResponse<String> get(String path) throws Exception {
    var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build();
    return http.send(request, BodyHandlers.ofString());
  }
}

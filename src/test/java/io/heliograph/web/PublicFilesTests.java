package io.heliograph.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

/** The files that pages load, as a browser gets and keeps them. */
@SpringBootTest(
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = {
      "management.server.port=0",
      "heliograph.security.api-key=" + PublicFilesTests.KEY
    })
class PublicFilesTests {

  static final String KEY = "p6Xd2RvK9bTq4WmZ8cLs3YhJ7nFg5Ua1";

  private static final Pattern LOADED = Pattern.compile("(?:href|src)=\"([^\":]+)\"");

  @LocalServerPort int port;

  private final HttpClient http = HttpClient.newHttpClient();

  @ParameterizedTest
  @CsvSource({
    "/, text/html",
    "/index.html, text/html",
    "/index.js, text/javascript",
    "/style.css, text/css",
    "/favicon.svg, image/svg+xml",
    "/heliograph.js, text/javascript",
    "/heliograph.d.ts, text/plain",
    "/openapi.json, application/json"
  })
  void aFileIsKeptAndAskedForAgainByItsContent(String path, String type) throws Exception {
    HttpResponse<String> first = get(path, "If-None-Match", "\"other\"");

    assertThat(first.statusCode()).isEqualTo(200);
    assertThat(header(first, "Content-Type")).startsWith(type);
    assertThat(header(first, "X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(header(first, "Cache-Control")).isEqualTo("no-cache");
    assertThat(first.headers().firstValue("Last-Modified")).isEmpty();

    HttpResponse<String> again = get(path, "If-None-Match", header(first, "ETag"));
    assertThat(again.statusCode()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
  }

  @Test
  void everythingThatTheLandingPageNamesIsThere() throws Exception {
    Matcher loaded = LOADED.matcher(get("/", "Accept", "text/html").body());
    Set<String> files = new HashSet<>();
    while (loaded.find()) {
      files.add(loaded.group(1));
    }

    assertThat(files).contains("index.js", "heliograph.js", "style.css");
    for (String file : files) {
      assertThat(get("/" + file, "Accept", "*/*").statusCode()).as(file).isEqualTo(200);
    }
  }

  private HttpResponse<String> get(String path, String header, String value) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
            .header(header, value)
            .build(),
        BodyHandlers.ofString());
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }
}

package io.heliograph.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Static files: their headers for caching and compression. */
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
    "/heliograph.min.js, text/javascript",
    "/heliograph-tabs.min.js, text/javascript",
    "/heliograph.d.ts, text/plain",
    "/openapi.json, application/json"
  })
  void filesAreRevalidatedByTheirContent(String path, String type) throws Exception {
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

  @ParameterizedTest
  @ValueSource(strings = {"/heliograph.js", "/heliograph.min.js"})
  void theClientLibraryIsCompressedForClientsThatAcceptGzip(String path) throws Exception {
    HttpResponse<byte[]> plain = bytes(path, "gzip;q=0, br");
    HttpResponse<byte[]> compressed = bytes(path, "br, gzip;q=0.8");

    assertThat(header(plain, "Content-Encoding")).isEmpty();
    assertThat(header(compressed, "Content-Encoding")).isEqualTo("gzip");
    assertThat(header(compressed, "Content-Type")).startsWith("text/javascript");
    assertThat(new GZIPInputStream(new ByteArrayInputStream(compressed.body())))
        .hasBinaryContent(plain.body());
    assertThat(header(compressed, "ETag")).isNotEqualTo(header(plain, "ETag"));
    for (HttpResponse<?> each : List.of(plain, compressed)) {
      assertThat(String.join(", ", each.headers().allValues("Vary")))
          .contains("Accept-Encoding", "Origin");
    }
  }

  @ParameterizedTest
  @CsvSource({"/heliograph.js, /heliograph-%s.js", "/heliograph.min.js, /heliograph.min-%s.js"})
  void aNameWithTheContentsDigestIsImmutable(String path, String name) throws Exception {
    byte[] content = bytes(path, "identity").body();
    String digest =
        HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content), 0, 8);

    for (String encoding : List.of("identity", "gzip")) {
      HttpResponse<byte[]> named = bytes(name.formatted(digest), encoding);
      assertThat(named.statusCode()).isEqualTo(200);
      assertThat(header(named, "Content-Type")).startsWith("text/javascript");
      assertThat(header(named, "Cache-Control")).isEqualTo("max-age=31536000, public, immutable");
    }
    assertThat(bytes(name.formatted(digest), "identity").body()).isEqualTo(content);
  }

  /** Otherwise a cache would store another version's file under this name forever. */
  @Test
  void aNameWithAnotherDigestGetsTheCurrentFileUncached() throws Exception {
    HttpResponse<byte[]> other = bytes("/heliograph.min-0123456789abcdef.js", "gzip");

    assertThat(other.statusCode()).isEqualTo(200);
    assertThat(header(other, "Cache-Control")).isEqualTo("no-cache");
    assertThat(bytes("/heliograph.min-0123.js", "gzip").statusCode()).isEqualTo(404);
    assertThat(bytes("/heliograph.js.gz", "gzip").statusCode()).isEqualTo(404);
  }

  @Test
  void allFilesOfTheLandingPageExist() throws Exception {
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

  private HttpResponse<byte[]> bytes(String path, String encoding) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
            .header("Accept-Encoding", encoding)
            .build(),
        BodyHandlers.ofByteArray());
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

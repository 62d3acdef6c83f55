package io.heliograph;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.support.Documentation;
import io.heliograph.support.LogScan;
import io.heliograph.support.Nginx;
import io.heliograph.support.Programs;
import io.heliograph.support.TestAuthority;
import io.heliograph.support.TestBackend;
import io.heliograph.support.TestBrowser;
import io.heliograph.support.TestTab;
import java.io.IOException;
import java.net.URI;
import java.net.URLClassLoader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.tools.ToolProvider;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Runs the code of docs/recipes.md that is no shell command, as a reader would copy it. */
@SpringBootTest(
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = {
      "heliograph.security.api-key=" + RecipeTests.KEY,
      "heliograph.security.tokens.secret=" + RecipeTests.SECRET,
      "heliograph.callbacks.sources.shop.secrets[0].value=" + ReadmeTests.SHOP_SECRET,
      "heliograph.callbacks.sources.shop.allowed-channels=user:*",
      "heliograph.server.trusted-proxies=1",
      "management.server.port=0"
    })
class RecipeTests {

  static final String KEY = "rEcIpE-81c2d0e94ab7f365c0d2-4be17a";
  static final String SECRET = "b3J0c2VjLTkxN2FlMmQ0ZjZjODBiMTVkM2U3";

  private static final Path RECIPES = Path.of("docs/recipes.md");

  @LocalServerPort private int port;
  @TempDir private Path directory;

  private TestBackend backend;
  private TestBrowser browser;

  @BeforeEach
  void connect() {
    backend = new TestBackend(port, KEY);
    browser = new TestBrowser(backend);
  }

  @AfterEach
  void close() {
    browser.close();
  }

  @Test
  void aTokenSignedInSpringIsAccepted() throws Exception {
    Path source = directory.resolve("HeliographTokens.java");
    Files.writeString(source, Documentation.block(RECIPES, "java", "class HeliographTokens"));
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-proc:none", "-d", directory.toString(), source.toString());
    assertThat(result).isZero();
    try (var loader =
        new URLClassLoader(
            new java.net.URL[] {directory.toUri().toURL()}, getClass().getClassLoader())) {
      Class<?> type = loader.loadClass("HeliographTokens");
      Object tokens = type.getConstructor(String.class).newInstance(SECRET);
      Object token =
          type.getMethod("tokenFor", String.class, List.class)
              .invoke(tokens, "alice", List.of("topic:news"));
      assertIsAlicesForNews(token.toString());
    }
  }

  @Test
  void aTokenSignedInNodeIsAccepted() throws Exception {
    Programs.need("node", "to run this recipe");
    Path script = directory.resolve("token.mjs");
    Files.writeString(script, Documentation.block(RECIPES, "js", "browserToken"));
    assertIsAlicesForNews(run("node", script.toString()));
  }

  @Test
  void aTokenSignedInGoIsAccepted() throws Exception {
    Programs.need("go", "to run this recipe");
    Path program = directory.resolve("main.go");
    Files.writeString(program, Documentation.block(RECIPES, "go", "browserToken"));
    assertIsAlicesForNews(run("go", "run", program.toString()));
  }

  private void assertIsAlicesForNews(String token) {
    LogScan.secret(token);
    TestTab tab = browser.withToken(token);
    assertThat(tab.subscribe("topic:news").path("type").asString()).isEqualTo("subscribed");
    backend.push("user:alice", "for alice");
    tab.receives("for alice");
  }

  @Test
  void aWebhookSignedInNodeIsDelivered() throws Exception {
    Programs.need("node", "to run this recipe");
    Path script = directory.resolve("webhook.mjs");
    Files.writeString(
        script,
        Documentation.block(RECIPES, "js", "webhook-signature")
            .replace("localhost:8080", "localhost:" + port));
    assertThat(run("node", script.toString())).isEqualTo("204");
  }

  @Test
  void behindNginxAPageConnectsAndNdjsonPasses() throws Exception {
    TestAuthority authority = TestAuthority.in(directory, "nginx");
    try (Nginx nginx = Nginx.start(directory, listen -> documentedServer(authority, listen));
        HttpClient client = HttpClient.newBuilder().sslContext(trusting(authority)).build()) {
      String page = "https://127.0.0.1:" + nginx.port();
      Awaitility.await()
          .atMost(30, TimeUnit.SECONDS)
          .ignoreExceptions()
          .until(
              () ->
                  client
                          .send(
                              HttpRequest.newBuilder(URI.create(page + "/readyz")).build(),
                              BodyHandlers.discarding())
                          .statusCode()
                      == 200);
      WebSocket socket =
          client
              .newWebSocketBuilder()
              .subprotocols("heliograph.v1.json")
              .header("Origin", page)
              .buildAsync(
                  URI.create(page.replace("https", "wss") + "/ws"), new WebSocket.Listener() {})
              .get(30, TimeUnit.SECONDS);
      socket.abort();
      var answer =
          client.send(
              HttpRequest.newBuilder(URI.create(page + "/v1/messages"))
                  .header("Authorization", "Bearer " + KEY)
                  .header("Content-Type", "application/x-ndjson")
                  .POST(
                      HttpRequest.BodyPublishers.ofString(
                          "{\"channel\":\"everyone\",\"data\":1}\n"))
                  .build(),
              BodyHandlers.ofString());
      assertThat(answer.body()).contains("\"outcome\":\"accepted\"");
    }
  }

  private String documentedServer(TestAuthority authority, int listen) {
    return Documentation.block(RECIPES, "nginx", "proxy_pass")
        .replace("listen 443 ssl", "listen 127.0.0.1:" + listen + " ssl")
        .replace("/etc/nginx/push.example.com.crt", authority.certificate().toString())
        .replace("/etc/nginx/push.example.com.key", authority.key().toString())
        .replace("127.0.0.1:8080", "127.0.0.1:" + port);
  }

  private static SSLContext trusting(TestAuthority authority) throws Exception {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null);
    try (var in = Files.newInputStream(authority.certificate())) {
      trusted.setCertificateEntry(
          "it", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory managers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    return context;
  }

  private String run(String... command) throws IOException, InterruptedException {
    ProcessBuilder process = new ProcessBuilder(command).redirectErrorStream(true);
    process
        .environment()
        .putAll(
            Map.of(
                "HELIOGRAPH_SECURITY_TOKENS_SECRET",
                SECRET,
                "SHOP_SECRET",
                ReadmeTests.SHOP_SECRET,
                "GOCACHE",
                directory.resolve("go").toString()));
    Process started = process.start();
    String output = new String(started.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(started.waitFor()).as(output).isZero();
    return output.strip();
  }
}

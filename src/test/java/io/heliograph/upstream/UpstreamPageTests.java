package io.heliograph.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.support.Documentation;
import io.heliograph.support.LogScan;
import io.heliograph.support.Node;
import io.heliograph.support.Programs;
import io.heliograph.support.RedisServer;
import io.heliograph.support.TestBrowser;
import io.heliograph.support.TestTab;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.core.io.ByteArrayResource;
import tools.jackson.databind.JsonNode;

/** The settings and the backend in docs/upstream.md work when they are copied unchanged. */
class UpstreamPageTests {

  private static final Path PAGE = Path.of("docs/upstream.md");
  private static final String SECRET = "whsec_8sKw2QmXr5Lp9VbZ4nTy7HcJ1dGf3Ua6";

  @TempDir private Path directory;

  @Test
  void theBackendInTheDocumentationWorksWithTheSettingsInTheDocumentation() throws Exception {
    assumeThat(Programs.installed("node"))
        .as("install Node.js to run the backend of " + PAGE)
        .isTrue();
    Path script = directory.resolve("backend.mjs");
    Files.writeString(script, Documentation.block(PAGE, "js", "createServer"));
    int port = RedisServer.freePort();
    ProcessBuilder node = new ProcessBuilder("node", script.toString()).inheritIO();
    node.environment().put("UPSTREAM_SECRET", LogScan.secret(SECRET));
    node.environment().put("PORT", Integer.toString(port));
    Process backend = node.start();
    try (Node heliograph = Node.start(settings(port));
        TestBrowser browser = new TestBrowser(heliograph.backend())) {
      await().until(() -> accepts(port));
      TestTab mallory = browser.connect("mallory");
      TestTab alice = browser.withToken(heliograph.backend().sender("alice", "topic:room-7"));
      String cancel =
          "{\"type\":\"call\",\"id\":1,\"method\":\"order.cancel\",\"data\":{\"order\":4711},\"idempotencyKey\":\"k\"}";
      assertThat(mallory.send(cancel).next("error").at("/problem/title").stringValue())
          .isEqualTo("Not your order");
      // The second call is a repetition and gets the same answer.
      for (int i = 0; i < 2; i++) {
        assertThat(alice.send(cancel).next("result").get("data").toString())
            .isEqualTo("{\"cancelled\":true}");
      }
      JsonNode unknown =
          alice.send("{\"type\":\"call\",\"id\":2,\"method\":\"order.x\"}").next("error");
      assertThat(unknown.at("/problem/type").stringValue()).isEqualTo("/no-such-method");
      String publish =
          "{\"type\":\"publish\",\"id\":3,\"channel\":\"topic:room-7\",\"data\":\"%s\"}";
      alice.send(publish.formatted("hello")).next("published");
      assertThat(
              alice
                  .send(publish.formatted("spam"))
                  .next("error")
                  .at("/problem/detail")
                  .stringValue())
          .isEqualTo("No spam");
    } finally {
      backend.destroyForcibly();
    }
  }

  private static String[] settings(int port) {
    var yaml = new YamlPropertiesFactoryBean();
    yaml.setResources(
        new ByteArrayResource(
            Documentation.block(PAGE, "yaml", "upstream").getBytes(StandardCharsets.UTF_8)));
    List<String> settings = new ArrayList<>();
    Objects.requireNonNull(yaml.getObject())
        .forEach(
            (name, value) ->
                settings.add(
                    name
                        + "="
                        + value
                            .toString()
                            .replace("9090", Integer.toString(port))
                            .replace("${UPSTREAM_SECRET}", SECRET)));
    settings.add("heliograph.upstream.publish.authorize=true");
    return settings.toArray(String[]::new);
  }

  private static boolean accepts(int port) {
    try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}

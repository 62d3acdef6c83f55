package io.heliograph.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import io.heliograph.support.Nginx;
import io.heliograph.support.Node;
import io.heliograph.support.Programs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The risk: a real client loses the close code, which says whether and when to come back, because
 * the connection ends while its data or the proxy's is under way.
 */
@ExtendWith(ChromiumExtension.class)
@TestInstance(Lifecycle.PER_CLASS)
class ClosingHandshakeClientTests {

  enum Way {
    DIRECT,
    NGINX
  }

  /** A page's socket; {@code closeSeen} is set by its close event. */
  private static final String OPEN =
      """
      message => new Promise(opened => {
        const socket = new WebSocket(location.origin.replace('http', 'ws') + '/ws', ['heliograph.v1.json'])
        socket.onclose = ({code, wasClean}) => window.closeSeen = `${code} ${wasClean}`
        socket.onmessage = ({data}) => {
          if (message) socket.send(message)
          opened(JSON.parse(data).session)
        }
      })
      """;

  private Node node;

  @BeforeAll
  void start() {
    node = Node.start();
  }

  @AfterAll
  void stop() {
    node.close();
  }

  @ParameterizedTest
  @EnumSource
  void aPageSeesThatABackendClosedItsIdleSession(Way way, Page page, @TempDir Path files)
      throws Exception {
    try (Nginx nginx = proxy(way, files)) {
      page.navigate("http://127.0.0.1:" + port(nginx) + "/");
      Object session = page.evaluate(OPEN, "");
      assertThat(node.delete("/v1/sessions/" + session).statusCode()).isEqualTo(204);
      assertThat(closed(page)).isEqualTo("1008 true");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aPageThatSendsAMegabyteSeesThatItIsTooMuch(Way way, Page page, @TempDir Path files)
      throws Exception {
    try (Nginx nginx = proxy(way, files)) {
      page.navigate("http://127.0.0.1:" + port(nginx) + "/");
      page.evaluate(OPEN, "x".repeat(1 << 20));
      assertThat(closed(page)).isEqualTo("1009 true");
    }
  }

  @ParameterizedTest
  @CsvSource({"PINGS, 4429", "MEGABYTE, 1009"})
  void aNodeClientThatSendsTooMuchSeesTheCode(String what, int code, @TempDir Path files)
      throws Exception {
    for (Way way : Way.values()) {
      try (Nginx nginx = proxy(way, Files.createDirectory(files.resolve(way.name())))) {
        assertThat(closeCodeOfNodeClient(port(nginx), what, files)).as(way.name()).isEqualTo(code);
      }
    }
  }

  private @Nullable Nginx proxy(Way way, Path files) throws Exception {
    return way == Way.NGINX ? Nginx.before(node.port(), files) : null;
  }

  private int port(@Nullable Nginx nginx) {
    return nginx == null ? node.port() : nginx.port();
  }

  private static String closed(Page page) {
    page.waitForCondition(() -> page.evaluate("() => window.closeSeen") != null);
    return page.evaluate("() => window.closeSeen").toString();
  }

  private static int closeCodeOfNodeClient(int port, String what, Path files) throws Exception {
    Path packages = Programs.npm("ws@8");
    Path script = files.resolve("closing.cjs");
    Files.writeString(
        script,
        """
        const {WebSocket} = require(process.argv[4] + '/node_modules/ws')
        const [, , port, what] = process.argv
        const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, ['heliograph.v1.json'], {origin: `http://127.0.0.1:${port}`})
        socket.once('message', () => {
          if (what === 'PINGS') for (let i = 0; i < 200; i++) socket.ping()
          else socket.send('x'.repeat(1 << 20))
        })
        socket.on('error', () => {})
        socket.on('close', code => console.log(code))
        """);
    Process client =
        new ProcessBuilder(
                "node", script.toString(), Integer.toString(port), what, packages.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(client.waitFor()).as(output).isZero();
    return Integer.parseInt(output.strip());
  }
}

package io.heliograph.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import io.heliograph.support.Nginx;
import io.heliograph.support.Node;
import io.heliograph.support.TestBackend;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The risk: behind a proxy that lets no WebSocket through, or holds streams back, a page gets
 * nothing, or something twice, or less than it was promised.
 */
@ExtendWith(ChromiumExtension.class)
@TestInstance(Lifecycle.PER_CLASS)
class BlockedNetworkTests {

  /** What stands between page and server, and what the client is to find out about it. */
  enum Network {
    OPEN(
        "websocket",
        "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;"),
    NO_WEBSOCKETS("sse", "proxy_set_header Connection '';"),
    /** It compresses them, and sends nothing before its buffer is full. */
    NO_STREAMS(
        "poll",
        "proxy_set_header Connection ''; proxy_ignore_headers X-Accel-Buffering; gzip on;"
            + " gzip_types text/event-stream; gzip_proxied any; gzip_min_length 0;");

    private final String transport;
    private final String directives;

    Network(String transport, String directives) {
      this.transport = transport;
      this.directives = directives;
    }

    Nginx before(int nodePort, Path files) throws Exception {
      return Nginx.start(
          files,
          port ->
              """
              server {
                listen 127.0.0.1:%d;
                location / {
                  proxy_pass http://127.0.0.1:%d;
                  proxy_http_version 1.1;
                  proxy_set_header Host $http_host;
                  %s
                }
              }
              """
                  .formatted(port, nodePort, directives));
    }
  }

  private Node node;
  private TestBackend backend;

  @BeforeAll
  void start() {
    node = Node.start();
    backend = node.backend();
  }

  @AfterAll
  void stop() {
    node.close();
  }

  @ParameterizedTest
  @EnumSource
  void everyMessageArrivesOnceAndInOrder(Network network, Page page, @TempDir Path files)
      throws Exception {
    String user = "user-of-" + network.transport;
    try (Nginx nginx = network.before(node.port(), files)) {
      open(page, nginx.port(), user);
      assertThat(page.evaluate("h.transport")).isEqualTo(network.transport);
      assertThat(page.evaluate("h.user")).isEqualTo(user);
      String topic = "topic:" + network.transport;
      page.evaluate(
          "topic => { h.subscribe(topic, {token: () => capability(topic), onMessage: m =>"
              + " heard.push(m.data)}); }",
          topic);
      page.waitForCondition(
          () -> backend.get("/v1/channels/" + topic).json().path("sessions").asInt(0) > 0);

      List<String> texts = IntStream.range(0, 50).mapToObj(String::valueOf).toList();
      for (String text : texts) {
        backend.pushAll("user:" + user, text);
        backend.pushAll(topic, text);
      }

      page.waitForCondition(() -> count(page, "heard") >= 50 && count(page, "seen") >= 50);
      assertThat(page.evaluate("heard")).isEqualTo(texts);
      assertThat(page.evaluate("seen")).isEqualTo(texts);
      assertThat(page.evaluate("troubles")).isEqualTo(List.of());
    }
  }

  @ParameterizedTest
  @EnumSource
  void aNetworkThatWasGoneForHalfAMinuteLosesNothing(
      Network network, Page page, @TempDir Path files) throws Exception {
    String user = "absent-" + network.transport;
    try (Nginx nginx = network.before(node.port(), files);
        CuttableLine line = new CuttableLine(nginx.port())) {
      page.clock().install();
      open(page, line.port(), user);
      backend.pushAll("user:" + user, "before");
      page.waitForCondition(() -> count(page, "seen") == 1);

      line.cut();
      page.waitForCondition(() -> Boolean.TRUE.equals(page.evaluate("h.state !== 'open'")));
      backend.pushAll("user:" + user, "meanwhile 1", "meanwhile 2");
      page.clock().runFor(30_000);
      assertThat(page.evaluate("h.state")).isIn("waiting", "connecting");
      line.mend();

      page.waitForCondition(
          () -> {
            page.clock().runFor(5_000);
            return count(page, "seen") >= 3;
          });
      backend.pushAll("user:" + user, "after");
      page.waitForCondition(() -> count(page, "seen") >= 4);
      assertThat(page.evaluate("seen"))
          .isEqualTo(List.of("before", "meanwhile 1", "meanwhile 2", "after"));
      assertThat(page.evaluate("troubles")).isEqualTo(List.of());
    }
  }

  private void open(Page page, int port, String user) {
    page.exposeFunction("tokenOf", args -> backend.token((String) args[0]));
    page.exposeFunction("capability", args -> backend.token("", (String) args[0]));
    page.navigate("http://127.0.0.1:" + port + "/problems/none");
    page.evaluate(
        """
        async user => {
          const {connect} = await import('/heliograph.min.js');
          Object.assign(window, {seen: [], heard: [], troubles: []});
          window.h = connect('/ws', {token: () => tokenOf(user)});
          h.addEventListener('gap', event => troubles.push(JSON.stringify(event.detail)));
          h.subscribe(`user:${user}`, {onMessage: message => seen.push(message.data)});
        }\
        """,
        user);
    page.waitForCondition(() -> "open".equals(page.evaluate("h.state")));
  }

  private static int count(Page page, String list) {
    return ((Number) page.evaluate(list + ".length")).intValue();
  }
}

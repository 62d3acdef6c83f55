package io.heliograph.browser;

import static io.heliograph.support.StandInBackend.json;
import static io.heliograph.support.StandInBackend.problem;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import io.heliograph.support.Node;
import io.heliograph.support.StandInBackend;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The client in a real browser publishes, calls and uploads, through a real server to a backend.
 */
@SuppressWarnings("NullAway.Init") // started before the tests
@ExtendWith(ChromiumExtension.class)
class SendingClientTests {

  private static StandInBackend backend;
  private static Node node;

  @BeforeAll
  static void start() {
    backend = new StandInBackend();
    node =
        Node.start(
            "heliograph.upstream.url=" + backend.url(),
            "heliograph.upstream.upload-url=" + backend.url(),
            "heliograph.upstream.secret=whsec_3wJk9Qv2mXb7LpZ8nRt5YcH1dFg4Sa6U",
            "heliograph.upstream.methods=order.*",
            "heliograph.upstream.allow-internal=localhost");
  }

  @AfterAll
  static void stop() {
    node.close();
    backend.close();
  }

  @Test
  void whatAPagePublishesReachesAnotherWithItsSender(Page page) {
    open(page, "websocket");
    assertThat(
            page.evaluate(
                """
                async () => {
                  const received = new Promise(resolve => h.subscribe('topic:room', {onMessage: resolve}));
                  await h.call('order.wait').catch(() => {}); // by now it is subscribed
                  const {message, position} = await h.publish('topic:room', 'chat', {text: 'hi'}, {queue: true});
                  const {from, event, data, ...rest} = await received;
                  return [from, event, data.text, rest.id === message, rest.position === position];
                }\
                """))
        .isEqualTo(List.of("alice", "chat", "hi", true, true));
    assertThat(page.evaluate("h.publish('topic:other', 'chat', 1).catch(e => e.problem.status)"))
        .isEqualTo(403);
  }

  @Test
  void aCallIsAnsweredByTheBackend(Page page) {
    backend.on("order.cancel", json(200, "{\"cancelled\":true}"));
    backend.on("order.pay", problem(402, "{\"title\":\"No credit\"}"));
    open(page, "websocket");
    assertThat(page.evaluate("h.call('order.cancel', {order: 1})"))
        .isEqualTo(Map.of("cancelled", true));
    assertThat(page.evaluate("h.call('order.pay').catch(e => [e.message, e.problem.status])"))
        .isEqualTo(List.of("No credit", 402));
  }

  @Test
  void bytesAreUploadedAndProgressIsTold(Page page) {
    backend.onUpload(
        (_, body, out) -> {
          long length = 0;
          for (byte[] chunk = body.next(); chunk.length > 0; chunk = body.next()) {
            length += chunk.length;
          }
          StandInBackend.respond(out, 200, "application/json", Long.toString(length));
        });
    open(page, "websocket");
    int size = 3 * 1024 * 1024;
    assertThat(
            page.evaluate(
                """
                async size => {
                  const steps = [];
                  const answer = await h.upload(new Blob([new Uint8Array(size)]), {name: 'voice', onProgress: step => steps.push(step)});
                  const again = await h.upload(new Blob(['abc']).stream(), {name: 'text', contentType: 'text/plain'});
                  return [answer, again, steps.every(({sent, size: whole}) => sent <= whole && whole === size)];
                }\
                """,
                size))
        .isEqualTo(List.of(size, 3, true));
  }

  @Test
  void anotherTransportSaysThatItCannot(Page page) {
    open(page, "sse");
    for (String request :
        List.of(
            "h.publish('topic:room', 'chat', 1)",
            "h.call('order.cancel')",
            "h.upload(new Blob(['x']), {name: 'x'})")) {
      assertThat(page.evaluate(request + ".catch(e => e.problem.status)"))
          .as(request)
          .isEqualTo(501);
    }
  }

  /** Connects over this transport as alice, who may publish to the room and upload. */
  private static void open(Page page, String transport) {
    String token =
        node.backend()
            .post(
                "/v1/tokens",
                "{\"user\":\"alice\",\"channels\":[\"topic:room\"],\"publish\":[\"topic:room\"],\"upload\":true}")
            .text("token");
    page.navigate("http://localhost:" + node.port() + "/problems/none");
    page.evaluate(
        """
        async ([token, transport]) => {
          const {connect} = await import('/heliograph.js');
          window.h = connect('/ws', {token, transports: [transport]});
          await new Promise(resolve => h.addEventListener('open', resolve, {once: true}));
        }\
        """,
        List.of(token, transport));
  }
}

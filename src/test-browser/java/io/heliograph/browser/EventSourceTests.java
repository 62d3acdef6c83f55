package io.heliograph.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import io.heliograph.support.Nginx;
import io.heliograph.support.Node;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The risk: a browser's own EventSource, which tells a page nothing and gives up for good after
 * most answers, does something else than the server expects.
 */
@ExtendWith(ChromiumExtension.class)
@TestInstance(Lifecycle.PER_CLASS)
class EventSourceTests {

  /** What came, as texts; {@code events} is the EventSource. */
  private static final String OPEN =
      """
      () => {
        window.seen = []
        window.events = new EventSource('/events')
        for (const type of ['welcome', 'message', 'note', 'bye', 'gap', 'problem']) {
          events.addEventListener(type, ({data}) => seen.push(type + ' ' + data))
        }
        events.onerror = () => seen.push('error ' + events.readyState)
      }
      """;

  private static final String KEEP_TOKEN =
      """
      async token => {
        const headers = {Authorization: 'Bearer ' + token}
        return (await fetch('/events/token', {method: 'POST', headers, credentials: 'include'})).status
      }
      """;

  private Node node;

  @BeforeAll
  void start() {
    // Reconnects are the browser's own; what ends a stream here is the test.
    node = Node.start("heliograph.session.max-per-user=1");
  }

  @AfterAll
  void stop() {
    node.close();
  }

  private static boolean saw(Page page, String text) {
    return (Boolean) page.evaluate("text => window.seen.some(line => line.includes(text))", text);
  }

  private static void awaits(Page page, String text) {
    page.waitForCondition(
        () -> saw(page, text), new Page.WaitForConditionOptions().setTimeout(60_000));
  }

  private static void logIn(Page page, Node node, int port, String user) {
    page.navigate("http://localhost:" + port + "/");
    assertThat(page.evaluate(KEEP_TOKEN, node.backend().token(user))).isEqualTo(204);
    page.evaluate(OPEN);
    awaits(page, "welcome");
  }

  private void note(String user, String text) throws Exception {
    node.post(
        "/v1/channels/user:" + user + "/messages",
        "{\"event\":\"note\",\"data\":\"" + text + "\"}");
  }

  @Test
  void aPageWithItsTokenInTheCookieGetsItsUsersEvents(Page page) throws Exception {
    logIn(page, node, node.port(), "anna");
    assertThat(saw(page, "\"user\":\"anna\"")).isTrue();
    note("anna", "hello");
    awaits(page, "note \"hello\"");
    assertThat(page.evaluate("() => document.cookie")).isEqualTo("");
  }

  @Test
  void aStreamThatIsCutGoesOnWhereItWas(Page page) throws Exception {
    try (CuttableLine line = new CuttableLine(node.port())) {
      logIn(page, node, line.port(), "bert");
      note("bert", "one");
      awaits(page, "note \"one\"");
      line.cut();
      awaits(page, "error 0");
      note("bert", "two");
      note("bert", "three");
      line.mend();
      awaits(page, "note \"three\"");
      List<?> notes = (List<?>) page.evaluate("() => seen.filter(line => line.startsWith('note'))");
      assertThat(notes.stream().map(Object::toString))
          .containsExactly("note \"one\"", "note \"two\"", "note \"three\"");
      assertThat(page.evaluate("() => seen.filter(line => line.includes('\"lost\":[]')).length"))
          .isEqualTo(2);
    }
  }

  @Test
  void aPageThatIsToStayAwayStaysAway(Page page) throws Exception {
    logIn(page, node, node.port(), "carl");
    assertThat(node.delete("/v1/users/carl/sessions").statusCode()).isEqualTo(200);
    awaits(page, "\"reason\":\"policy\"");
    // It comes back once, by itself, and is answered 204.
    awaits(page, "error 2");
    assertThat(page.evaluate("() => events.readyState")).isEqualTo(2);
  }

  @Test
  void behindNginxEventsArriveOneByOne(Page page, @TempDir Path files) throws Exception {
    try (Nginx nginx = Nginx.plainly(node.port(), files, "")) {
      page.navigate("http://127.0.0.1:" + nginx.port() + "/");
      assertThat(page.evaluate(KEEP_TOKEN, node.backend().token("dora"))).isEqualTo(204);
      page.evaluate(OPEN);
      awaits(page, "welcome");
      note("dora", "one");
      awaits(page, "note \"one\"");
      note("dora", "two");
      awaits(page, "note \"two\"");
    }
  }
}

package io.heliograph.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

/**
 * The client in a real browser against a real server: tokens that end, a page that is put aside, a
 * login that is refused. Everything that needs exact times is tested with Node and a clock of its
 * own.
 */
@SpringBootTest(
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = {"management.server.port=0", "heliograph.security.api-key=" + ClientLifeTests.KEY})
@ExtendWith(ChromiumExtension.class)
class ClientLifeTests {

  static final String KEY = "x3Tq8Zc5VnB7pXw2TgL9sYk4MdJ6fUa1";

  @LocalServerPort int port;

  private final HttpClient http = HttpClient.newHttpClient();
  private final List<String> pageErrors = new CopyOnWriteArrayList<>();

  @Test
  void aCapabilityIsRenewedBeforeItsEnd(Page page) throws Exception {
    open(page);
    page.evaluate(
        """
        () => {
          window.asked = 0;
          start();
          h.subscribe('topic:a', {
            token: async ({channel}) => { asked++; return token(`{"channels":["${channel}"],"ttl":"4s"}`); },
            onError: trouble => events.push(JSON.stringify(trouble))
          });
        }\
        """);

    waitFor(page, "asked >= 3");
    push("topic:a", "after two renewals");

    waitFor(page, "seen.includes('after two renewals')");
    assertThat(events(page)).containsExactly("connecting", "open");
  }

  @Test
  void aPageThatIsPutAsideHoldsNoSessionAndMissesNothing(Page page) throws Exception {
    open(page);
    page.evaluate("start()");
    waitFor(page, "h.state === 'open'");
    String session = (String) page.evaluate("h.session");
    push("everyone", "before");
    waitFor(page, "seen.length === 1");

    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))");
    page.waitForCondition(() -> status("GET", "/v1/sessions/" + session) == 404);
    push("everyone", "meanwhile");
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))");

    waitFor(page, "seen.length === 2");
    assertThat(page.evaluate("seen")).isEqualTo(List.of("before", "meanwhile"));
    assertThat(events(page)).containsExactly("connecting", "open", "connecting", "open");
  }

  @Test
  void aRefusedLoginLeavesTheClientAtWork(Page page) throws Exception {
    open(page);
    page.evaluate("start()");
    waitFor(page, "h.state === 'open'");

    Object refusal =
        page.evaluate("h.authenticate('no.such.token').then(() => 'accepted', () => 'refused')");
    assertThat(refusal).isEqualTo("refused");
    waitFor(page, "h.state === 'open'");
    push("everyone", "still here");

    waitFor(page, "seen.includes('still here')");
  }

  @Test
  void aTokenThatIsRefusedAtTheHandshakeEndsTheClientWithItsReason(Page page) throws Exception {
    open(page);
    page.evaluate(
        "() => { start({token: 'no.such.token'});"
            + " h.addEventListener('closed', event => window.why = event.detail); }");

    waitFor(page, "h.state === 'closed'");
    assertThat(page.evaluate("why.code")).isEqualTo(4401);
    assertThat((String) page.evaluate("why.reason")).isNotBlank();
    assertThat(events(page)).containsExactly("connecting", "closed");
  }

  @Test
  void aLoopOverMessagesEndsWithItsSubscription(Page page) throws Exception {
    open(page);
    page.evaluate(
        """
        () => {
          start();
          (async () => {
            for await (const message of h.subscribe('everyone')) {
              events.push(`looped ${message.data}`);
              if (message.data === 'last') break;
            }
            events.push('left');
          })();
        }\
        """);
    waitFor(page, "h.state === 'open'");
    for (String text : List.of("first", "last", "too late")) {
      push("everyone", text);
    }

    waitFor(page, "seen.includes('too late')");
    assertThat(events(page))
        .containsExactly("connecting", "open", "looped first", "looped last", "left");
  }

  @Test
  void whatAHandlerThrowsIsAnErrorOfThePage(Page page) throws Exception {
    open(page);
    page.evaluate(
        "() => { start(); h.on('note', () => { throw new Error('thrown by a handler'); }); }");
    waitFor(page, "h.state === 'open'");
    push("everyone", "x");
    waitFor(page, "seen.length === 1");

    page.waitForCondition(
        () -> pageErrors.stream().anyMatch(error -> error.contains("thrown by a handler")));
  }

  private void open(Page page) {
    page.onPageError(pageErrors::add);
    page.exposeFunction("token", args -> token((String) args[0]));
    page.navigate("http://localhost:" + port + "/problems/none");
    page.evaluate(
        """
        async () => {
          const {connect} = await import('/heliograph.js');
          Object.assign(window, {connect, seen: [], events: []});
          window.start = options => {
            window.h = connect('/ws', options);
            for (const type of ['connecting', 'open', 'offline', 'reconnecting', 'closed']) {
              h.addEventListener(type, event => events.push(type));
            }
            h.on('note', message => seen.push(message.data));
          };
        }\
        """);
  }

  @SuppressWarnings("unchecked")
  private static List<String> events(Page page) {
    return (List<String>) page.evaluate("events");
  }

  /** Evaluated from outside: the page's own policy forbids what {@code waitForFunction} does. */
  private static void waitFor(Page page, String condition) {
    page.waitForCondition(() -> Boolean.TRUE.equals(page.evaluate(condition)));
  }

  private String token(String request) {
    String answer = call("POST", "/v1/tokens", request).body();
    return answer.replaceAll("(?s).*\"token\"\\s*:\\s*\"([^\"]+)\".*", "$1");
  }

  private void push(String channel, String text) {
    HttpResponse<String> response =
        call(
            "POST",
            "/v1/channels/" + channel + "/messages",
            "{\"event\":\"note\",\"data\":\"" + text + "\"}");
    assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
  }

  private int status(String method, String path) {
    return call(method, path, null).statusCode();
  }

  private HttpResponse<String> call(String method, String path, String body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
            .header("Authorization", "Bearer " + KEY)
            .header("Content-Type", "application/json")
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    try {
      return http.send(request.build(), BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}

package io.heliograph.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

/**
 * The first thing that a newcomer does: open the page, push with the shown command, see it arrive.
 */
@SpringBootTest(
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = {
      "management.server.port=0",
      "heliograph.security.api-key=" + LandingPageTests.KEY
    })
@ExtendWith(ChromiumExtension.class)
class LandingPageTests {

  static final String KEY = "h5Rw8Zc3VnK7pXq2TgL9sYb4MdJ6fUa1";

  private static final String HOSTILE = "<img src=x onerror=document.title='taken'>";

  @LocalServerPort int port;

  private final HttpClient http = HttpClient.newHttpClient();
  private final List<String> complaints = new CopyOnWriteArrayList<>();

  @Test
  void aPushToTheShownSessionAppears(Page page) throws Exception {
    open(page, port);

    String session = page.locator("#session").textContent();
    assertThat(session).matches("[A-Za-z0-9_-]{22}");
    assertThat(page.locator("#curl-session")).containsText("session:" + session + "/messages");
    push("session:" + session, "greeting", "{\"text\":\"Hello, browser\"}");

    assertThat(arrivals(page)).containsText(new String[] {"Hello, browser"});
    assertThat(page.locator("#count")).hasText("1");
    assertThat(complaints).isEmpty();
  }

  @Test
  void pushedMarkupStaysText(Page page) throws Exception {
    open(page, port);

    push("session:" + page.locator("#session").textContent(), "note", '"' + HOSTILE + '"');

    assertThat(arrivals(page)).containsText(new String[] {HOSTILE});
    assertThat(page.locator("#messages img")).hasCount(0);
    assertThat(page).hasTitle("Heliograph");
    assertThat(complaints).isEmpty();
  }

  @Test
  void whatWasPushedWhileTheLineWasCutArrivesInOrderAndOnce(Page page) throws Exception {
    try (CuttableLine line = new CuttableLine(port)) {
      open(page, line.port());
      String before = page.locator("#session").textContent();
      push("everyone", "count", "\"one\"");
      assertThat(arrivals(page)).containsText(new String[] {"one"});

      line.cut();
      assertThat(page.locator("#state")).hasAttribute("data-state", "waiting");
      for (String text : List.of("two", "three", "four")) {
        push("everyone", "count", '"' + text + '"');
      }
      line.mend();

      assertThat(page.locator("#state")).hasText("connected");
      push("everyone", "count", "\"five\"");
      // The newest stands first.
      assertThat(arrivals(page)).containsText(new String[] {"five", "four", "three", "two", "one"});
      assertThat(page.locator("#session")).not().hasText(before);
      assertThat(page.locator("#curl-session"))
          .containsText("session:" + page.locator("#session").textContent());
    }
  }

  @Test
  void everyTabGetsWhatIsForEveryone(BrowserContext context) throws Exception {
    Page one = context.newPage();
    Page two = context.newPage();
    open(one, port);
    open(two, port);
    assertThat(one.locator("#session").textContent())
        .isNotEqualTo(two.locator("#session").textContent());

    push("everyone", "news", "\"for all of you\"");

    assertThat(arrivals(one)).containsText(new String[] {"for all of you"});
    assertThat(arrivals(two)).containsText(new String[] {"for all of you"});
  }

  @Test
  void aSessionThatTheBackendClosedDoesNotComeBack(Page page) throws Exception {
    List<String> sockets = new CopyOnWriteArrayList<>();
    page.onWebSocket(socket -> sockets.add(socket.url()));
    page.clock().install();
    open(page, port);

    String session = page.locator("#session").textContent();
    assertThat(call("DELETE", "/v1/sessions/" + session, null).statusCode()).isEqualTo(204);

    assertThat(page.locator("#state")).hasAttribute("data-state", "closed");
    assertThat(page.locator("#state")).containsText("closed: ");
    page.clock().fastForward("01:00:00");
    assertThat(page.locator("#state")).hasAttribute("data-state", "closed");
    assertThat(sockets).hasSize(1);
  }

  @Test
  void thePageFitsWideAndNarrowAndDark(Page page) throws Exception {
    page.emulateMedia(new Page.EmulateMediaOptions().setReducedMotion(ReducedMotion.REDUCE));
    page.setViewportSize(1280, 900);
    open(page, port);
    push("everyone", "greeting", "{\"text\":\"Hello, browser\"}");
    push("everyone", "note", '"' + HOSTILE + '"');
    push(
        "everyone",
        "order",
        "{\"id\":4711,\"state\":\"shipped\",\"note\":\"" + "long".repeat(60) + "\"}");
    assertThat(arrivals(page)).hasCount(3);
    screenshot(page, "landing-wide");

    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
    screenshot(page, "landing-dark");

    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
    page.setViewportSize(390, 844);
    screenshot(page, "landing-narrow");
    assertThat((Integer) page.evaluate("document.documentElement.scrollWidth"))
        .isLessThanOrEqualTo(390);
    assertThat(complaints).isEmpty();
  }

  private void open(Page page, int at) {
    page.onConsoleMessage(
        message -> {
          if (message.type().equals("error")) {
            complaints.add(message.text());
          }
        });
    page.onPageError(complaints::add);
    page.navigate("http://localhost:" + at + "/");
    assertThat(page.locator("#state")).hasText("connected");
  }

  private static Locator arrivals(Page page) {
    return page.locator("#messages > li:not(.gap)");
  }

  private void push(String channel, String event, String data) throws Exception {
    HttpResponse<String> response =
        call(
            "POST",
            "/v1/channels/" + channel + "/messages",
            "{\"event\":\"" + event + "\",\"data\":" + data + "}");
    assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
  }

  private HttpResponse<String> call(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
            .header("Authorization", "Bearer " + KEY)
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private static void screenshot(Page page, String name) {
    page.screenshot(
        new Page.ScreenshotOptions()
            .setFullPage(true)
            .setPath(Path.of("target", "screenshots", name + ".png")));
  }
}

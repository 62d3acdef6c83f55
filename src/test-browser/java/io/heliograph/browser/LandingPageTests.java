package io.heliograph.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions.IsInViewportOptions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
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

  private static final String STORED =
      "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href,"
          + " document.documentElement.outerHTML,"
          + " [...document.querySelectorAll('input, textarea')].map(field => field.value)])";

  private static final List<String> COUNTED = List.of("reconnecting in 2 s", "reconnecting in 1 s");

  private static final String HOSTILE = "<img src=x onerror=document.title='taken'>";

  @LocalServerPort int port;

  private final HttpClient http = HttpClient.newHttpClient();
  private final List<String> said = new CopyOnWriteArrayList<>();
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
  void theFormPushesWithAKeyThatStaysInMemoryAlone(Page page) throws Exception {
    open(page, port);

    page.getByLabel("API key", exactly()).fill("export HELIOGRAPH_KEY=" + KEY);
    page.getByLabel("API key", exactly()).press("Enter");

    assertThat(arrivals(page)).containsText(new String[] {"Hello, browser"});
    assertThat(page.locator("#push-answer")).hasText("Acknowledged by 1 session.");
    page.getByLabel("To", exactly()).selectOption("other");
    page.getByLabel("Channel").fill("topic:nobody");
    page.getByLabel("Data (JSON)").fill("{\"amount\":1e400}");
    page.getByRole(AriaRole.BUTTON, named("Push")).click();
    assertThat(page.locator("#push-answer"))
        .hasText("Stored in the log: no session is subscribed to the channel.");
    assertThat(call("GET", "/v1/channels/topic:nobody/messages", null).body()).contains("1e400");

    assertThat((String) page.evaluate(STORED)).doesNotContain(KEY);
    assertThat(String.join("\n", said)).doesNotContain(KEY);
    page.getByRole(AriaRole.BUTTON, named("Forget")).click();
    assertThat(page.getByLabel("API key", exactly())).isFocused();
    assertThat(complaints).isEmpty();
  }

  @Test
  void theFormSaysWhyAPushWasRefused(Page page) throws Exception {
    open(page, port);
    Locator answer = page.locator("#push-answer");

    page.getByLabel("API key", exactly()).fill("w".repeat(43));
    page.getByRole(AriaRole.BUTTON, named("Push")).click();
    assertThat(answer).containsText("Unknown API key");
    assertThat(page.getByLabel("API key", exactly())).isFocused();
    page.getByLabel("API key", exactly()).fill("with blanks and schlüssel");
    page.getByRole(AriaRole.BUTTON, named("Push")).click();
    assertThat(answer).containsText("visible ASCII");

    page.getByLabel("API key", exactly()).fill(KEY);
    page.getByLabel("Data (JSON)").fill("{hello}");
    page.getByRole(AriaRole.BUTTON, named("Push")).click();
    assertThat(answer).containsText("The data is not JSON");
    page.getByLabel("Data (JSON)").fill("null");
    page.getByLabel("Event").fill("two words");
    page.getByRole(AriaRole.BUTTON, named("Push")).click();
    assertThat(answer).containsText("/event: has to be 1 to 64 characters");
    assertThat(arrivals(page)).hasCount(0);
  }

  @Test
  void aMessageIsInSightOnAPhoneWhereverThePageIsScrolledTo(Page page) throws Exception {
    page.setViewportSize(360, 640);
    open(page, port);

    push("everyone", "first", "\"in sight\"");
    assertThat(arrivals(page).first()).isInViewport(whole());
    assertThat(page.locator("#latest")).isHidden();

    page.locator("footer").scrollIntoViewIfNeeded();
    assertThat(page.locator("#arrivals-title")).not().isInViewport();
    push("everyone", "second", "\"at the edge\"");
    assertThat(page.locator("#latest")).containsText("at the edge");
    assertThat(page.locator("#latest")).isInViewport(whole());
    page.locator("#latest").click();
    assertThat(arrivals(page).first()).isInViewport(whole());
    assertThat(page.locator("#latest")).isHidden();
  }

  @Test
  void aCopiedCommandNeverSendsAPlaceholderForTheKey(Page page) throws Exception {
    open(page, port);

    String selected =
        (String)
            page.evaluate("getSelection().selectAllChildren(document.body), `${getSelection()}`");
    assertThat(selected).contains("curl -X POST").doesNotContain("export HELIOGRAPH_KEY");
    for (String command : page.locator("pre code").allTextContents()) {
      ProcessBuilder bash = new ProcessBuilder("bash", "-c", command);
      bash.environment().remove("HELIOGRAPH_KEY");
      Process process = bash.redirectErrorStream(true).start();
      String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).isNotZero();
      assertThat(answer).contains("HELIOGRAPH_KEY: is not set").doesNotContain("/problems/");
    }
    assertThat(page.locator("[data-copies]")).hasCount(2);
  }

  @Test
  void theTimeToTheNextAttemptIsCounted(Page page) throws Exception {
    page.addInitScript("Math.random = () => 0.999");
    page.clock().install();
    try (CuttableLine line = new CuttableLine(port)) {
      open(page, line.port());
      page.clock().pauseAt(System.currentTimeMillis() + 60_000);
      line.cut();

      Locator state = page.locator("#state");
      List<String> shown = new ArrayList<>();
      // Each failed attempt waits longer, until there are enough seconds to count.
      for (int second = 0; second < 60 && !counted(shown); second++) {
        assertThat(state).hasAttribute("data-state", "waiting");
        shown.add(state.textContent());
        page.clock().runFor(1000);
      }
      assertThat(shown).containsSequence(COUNTED);
    }
  }

  @Test
  void aWrongTokenLeavesTheSessionAsItIsAndSaysWhy(Page page) throws Exception {
    open(page, port);
    String session = page.locator("#session").textContent();
    String issued = call("POST", "/v1/tokens", "{\"user\":\"alice\"}").body();
    String token = issued.replaceAll(".*\"token\":\"([^\"]+)\".*", "$1");
    Locator field = page.getByLabel("Browser token");
    Locator answer = page.locator("#login-answer");
    field.fill(token);
    field.press("Enter");
    assertThat(answer).containsText("Logged in as alice until");

    for (String wrong : List.of("not a token", token.substring(0, token.length() - 6) + "AAAAAA")) {
      field.fill(wrong);
      field.press("Enter");
      assertThat(answer)
          .hasText(Pattern.compile("Not logged in: .{10,} The session is unchanged\\."));
      assertThat(page.locator("#user")).hasText("alice");
      assertThat(page.locator("#session")).hasText(session);
    }
    push("user:alice", "note", "\"still yours\"");
    assertThat(arrivals(page)).containsText(new String[] {"still yours"});
  }

  @Test
  void messagesOfAnInterruptionArriveInOrderAndOnce(Page page) throws Exception {
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
    page.screenshot(
        new Page.ScreenshotOptions()
            .setPath(Path.of("target", "screenshots", "landing-phone.png")));
    assertThat((Integer) page.evaluate("document.documentElement.scrollWidth"))
        .isLessThanOrEqualTo(390);
    assertThat(complaints).isEmpty();
  }

  private void open(Page page, int at) {
    page.onConsoleMessage(
        message -> {
          said.add(message.text());
          if (message.type().equals("error")) {
            complaints.add(message.text());
          }
        });
    page.onPageError(complaints::add);
    page.navigate("http://localhost:" + at + "/");
    assertThat(page.locator("#state")).hasText("connected");
  }

  private static boolean counted(List<String> shown) {
    return Collections.indexOfSubList(shown, COUNTED) >= 0;
  }

  private static Page.GetByLabelOptions exactly() {
    return new Page.GetByLabelOptions().setExact(true);
  }

  private static Page.GetByRoleOptions named(String name) {
    return new Page.GetByRoleOptions().setName(name).setExact(true);
  }

  private static IsInViewportOptions whole() {
    return new IsInViewportOptions().setRatio(1);
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

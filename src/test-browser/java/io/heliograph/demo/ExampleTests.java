package io.heliograph.demo;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.heliograph.browser.ChromiumExtension;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

/** The examples as people use them, in two windows where an example is about several people. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {"management.server.port=0", "heliograph-demonstration=true"})
@ExtendWith(ChromiumExtension.class)
class ExampleTests {

  private static final String HOSTILE = "<img src=x onerror=document.title='taken'>";

  /** More than 30, since all that other tests place stays for a while. */
  private static final Pattern TAXIS_AND_PEOPLE = Pattern.compile("^(3[1-9]|[4-9][0-9])$");

  @LocalServerPort int port;

  private final List<String> complaints = new CopyOnWriteArrayList<>();

  @AfterEach
  void noPageComplained() {
    assertThat(complaints).isEmpty();
  }

  @Test
  void theListLeadsToEachExampleByKeyboard(BrowserContext browser) {
    Page list = open(browser, "");
    int examples = list.locator(".examples a").count();
    assertThat(examples).isEqualTo(6);
    for (int example = 1; example <= examples; example++) {
      Page page = open(browser, "");
      for (int tab = 0; tab < example; tab++) {
        page.keyboard().press("Tab");
      }
      page.keyboard().press("Enter");
      page.waitForURL(Pattern.compile("/demo/[a-z]+$"));
      assertThat(page.locator("h1")).isVisible();
      page.close();
    }
  }

  @Test
  void aNotificationReadInOneWindowIsReadInAll(BrowserContext browser) {
    Page one = open(browser, "notifications?user=alice");
    Page two = open(browser, "notifications?user=alice");
    Page other = open(browser, "notifications?user=bob");

    one.getByRole(AriaRole.BUTTON, named("Coffee")).press("Enter");
    assertThat(one.locator("#badge")).hasText("1");
    one.getByRole(AriaRole.BUTTON, named("Cake")).press("Enter");
    for (Page window : List.of(one, two)) {
      assertThat(window.locator("#badge")).hasText("2");
      assertThat(window).hasTitle("(2) Notifications");
    }
    Page late = open(browser, "notifications?user=alice");
    assertThat(bell(late, 2)).isVisible();

    bell(two, 2).press("Enter");
    assertThat(two.locator("#notices li")).containsText(new String[] {"Cake is", "Coffee is"});
    for (Page window : List.of(one, two, late)) {
      assertThat(bell(window, 0)).isVisible();
      assertThat(window.locator("#badge")).isHidden();
    }
    two.keyboard().press("Escape");
    assertThat(two.locator("#panel")).isHidden();
    one.reload();
    bell(one, 0).click();
    assertThat(one.locator("#notices li")).hasCount(2);
    assertThat(bell(other, 0)).isVisible();
    bell(other, 0).click();
    assertThat(other.locator("#none")).isVisible();
  }

  @Test
  void twoPeopleTalk(BrowserContext browser) {
    Page ann = enter(browser, "ann");
    say(ann, "Anybody here?");
    Page ben = enter(browser, "ben");

    assertThat(talk(ben).last()).containsText("Anybody here?");
    assertThat(talk(ben).last().locator("b")).hasText("ann");
    assertThat(ann.locator("#people li")).hasText(new String[] {"ann (you)", "ben"});
    assertThat(ben.locator("#people li")).hasText(new String[] {"ann", "ben (you)"});

    ben.getByLabel("Message").pressSequentially("I am");
    assertThat(ann.locator("#typing")).hasText("ben is typing…");
    say(ben, HOSTILE);
    assertThat(talk(ann).last()).containsText(HOSTILE);
    assertThat(talk(ann).last().locator("b")).hasText("ben");
    assertThat(ann.locator("#typing")).not().containsText("ben");
    assertThat(talk(ben).last()).hasClass("own");

    ben.getByRole(AriaRole.BUTTON, named("kitchen")).press("Enter");
    say(ben, "Tea is ready");
    ann.getByRole(AriaRole.BUTTON, named("kitchen 1 new")).press("Enter");
    assertThat(ann.locator("#room")).hasText("The kitchen");
    assertThat(talk(ann)).hasCount(1);
    ben.close();
    assertThat(ann.locator("#people li")).hasText(new String[] {"ann (you)"});
    assertThat(ann).hasTitle("Chat");
  }

  @Test
  void aThousandCommentsASecondAreDrawnAsTheScreenCan(BrowserContext browser) {
    Page ann = open(browser, "comments?user=ann");
    Page ben = open(browser, "comments?user=ben");
    for (Page window : List.of(ann, ben)) {
      assertThat(window.locator("#newest li")).hasCount(12);
      await()
          .untilAsserted(
              () -> {
                Second second = second(window);
                assertThat(second.shown()).isPositive();
                assertThat(second.received()).isGreaterThan(second.shown());
              });
    }

    ann.getByLabel("Comment", new Page.GetByLabelOptions().setExact(true)).fill("Ann was here");
    ann.keyboard().press("Enter");
    assertThat(ann.locator("#newest .own")).containsText("ann Ann was here");
    ann.getByRole(AriaRole.BUTTON, named("Pause")).press("Space");
    assertThat(ann.getByRole(AriaRole.BUTTON, named("Go on"))).isVisible();
    String still = ann.locator("#newest").textContent();
    await().until(() -> second(ann).shown() == 0 && second(ann).received() > 0);
    assertThat(ann.locator("#newest")).hasText(still);
  }

  @Test
  void whoComesLateSeesWhereEverybodyIs(BrowserContext browser) {
    Page ann = open(browser, "positions?user=ann");
    Locator annAtHome = ann.locator("#people li", hasText("ann (you)"));
    assertThat(annAtHome).isVisible();
    ann.locator("#map").click(new Locator.ClickOptions().setPosition(10, 10));
    assertThat(annAtHome).hasText(Pattern.compile("ann \\(you\\): [0-3], [0-3]$"));
    for (int step = 0; step < 10; step++) {
      ann.locator("#map").press("ArrowRight");
    }
    assertThat(annAtHome).hasText(Pattern.compile("ann \\(you\\): 3[0-3], [0-3]$"));
    assertThat(ann.locator("#moving")).hasText(TAXIS_AND_PEOPLE);

    Page ben = open(browser, "positions?user=ben");
    assertThat(ben.locator("#known")).hasText(TAXIS_AND_PEOPLE);
    Locator annAtBens = ben.locator("#people li", hasText("ann"));
    assertThat(annAtBens).hasText(Pattern.compile("ann: 3[0-3], [0-3]$"));
    ann.locator("#map").press("ArrowDown");
    assertThat(annAtBens).hasText(Pattern.compile("ann: 3[0-3], [3-6]$"));
    assertThat(ann.locator("#people li", hasText("ben"))).isVisible();
  }

  @Test
  void aTuneReachesTheBackendAsItWasMade(BrowserContext browser) {
    Page page = open(browser, "voice?user=ann");
    assertThat(page.getByRole(AriaRole.BUTTON, named("Send"))).isDisabled();

    // Chromium without a head gives no page the microphone.
    page.getByRole(AriaRole.BUTTON, named("Record")).press("Enter");
    assertThat(page.locator("#sound")).containsText("No microphone");
    page.getByRole(AriaRole.BUTTON, named("Make a tune")).press("Enter");
    assertThat(page.locator("#sound")).hasText("A tune, 72,044 bytes");
    assertThat(page.locator("#play")).isVisible();
    page.getByRole(AriaRole.BUTTON, named("Send")).press("Enter");

    assertThat(page.locator("#result"))
        .hasText("The backend received 72,044 bytes, the same as were sent.");
    assertThat(page.locator("#digest")).hasText(Pattern.compile("SHA-256 [0-9a-f]{64}"));
    assertThat(page.locator("#progress")).hasJSProperty("value", 1);
  }

  @Test
  void thePagesFitWideAndNarrowLightAndDark(BrowserContext browser) {
    for (String example :
        List.of("", "notifications", "chat", "comments", "positions", "voice", "phone")) {
      for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
        for (int width : List.of(1200, 360)) {
          Page page =
              example.equals("chat")
                  ? enter(browser, "eve")
                  : open(browser, example + (example.isEmpty() ? "" : "?user=eve"));
          page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
          page.setViewportSize(width, 740);
          use(page, example);
          page.screenshot(
              new Page.ScreenshotOptions()
                  .setFullPage(true)
                  .setPath(
                      Path.of(
                          "target",
                          "screenshots",
                          "demo-%s-%s-%d.png"
                              .formatted(example, scheme, width)
                              .toLowerCase(Locale.ROOT))));
          assertThat((Integer) page.evaluate("document.documentElement.scrollWidth"))
              .as(example)
              .isLessThanOrEqualTo(width);
          page.close();
        }
      }
    }
  }

  /** So that there is something to see. */
  private static void use(Page page, String example) {
    switch (example) {
      case "notifications" -> {
        page.getByRole(AriaRole.BUTTON, named("Tea")).click();
        assertThat(page.locator("#badge")).isVisible();
        page.locator("#bell").click();
        assertThat(page.locator("#notices li").first()).isVisible();
      }
      case "chat" ->
          say(page, "It is late, and the light of the sun still goes from hill to hill.");
      case "comments" -> assertThat(page.locator("#received")).not().hasText("0");
      case "positions" -> assertThat(page.locator("#updates")).not().hasText("0");
      case "voice" -> {
        page.getByRole(AriaRole.BUTTON, named("Make a tune")).click();
        page.getByRole(AriaRole.BUTTON, named("Send")).click();
        assertThat(page.locator("#result")).containsText("the same");
      }
      default -> assertThat(page.locator("h1")).isVisible();
    }
  }

  private Page open(BrowserContext browser, String example) {
    Page page = browser.newPage();
    page.onConsoleMessage(
        message -> {
          if (message.type().equals("error")) {
            complaints.add(page.url() + ": " + message.text());
          }
        });
    page.onPageError(complaints::add);
    page.navigate("http://localhost:%d/demo/%s".formatted(port, example).replaceFirst("/$", ""));
    if (!example.isEmpty() && !example.startsWith("chat") && !example.startsWith("phone")) {
      assertThat(page.locator("#state")).containsText("connected as");
    }
    return page;
  }

  private Page enter(BrowserContext browser, String name) {
    Page page = open(browser, "chat");
    assertThat(page.getByLabel("Your name")).isFocused();
    page.keyboard().type(name);
    page.keyboard().press("Enter");
    assertThat(page.locator("#room")).hasText("The lobby");
    assertThat(page.getByLabel("Message")).isFocused();
    return page;
  }

  private static void say(Page page, String text) {
    page.getByLabel("Message").fill(text);
    page.keyboard().press("Enter");
    assertThat(talk(page).last()).containsText(text);
  }

  private static Locator talk(Page page) {
    return page.locator("#talk > li");
  }

  private static Locator bell(Page page, int unread) {
    return page.getByRole(AriaRole.BUTTON, named("Notifications, %d unread".formatted(unread)));
  }

  private record Second(int received, int shown) {}

  /** What the page says of its last second. */
  private static Second second(Page page) {
    List<?> figures =
        (List<?>)
            page.evaluate(
                "['received', 'shown'].map(id => Number(document.getElementById(id).textContent))");
    return new Second((Integer) figures.getFirst(), (Integer) figures.getLast());
  }

  private static Page.GetByRoleOptions named(String name) {
    return new Page.GetByRoleOptions().setName(name).setExact(true);
  }

  private static Page.LocatorOptions hasText(String text) {
    return new Page.LocatorOptions().setHasText(text);
  }
}

package io.heliograph.login;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import io.heliograph.browser.ChromiumExtension;
import io.heliograph.login.LoginCalls.Answer;
import io.heliograph.support.ManualClock;
import io.heliograph.support.QrReader;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;

/** The two pages of a login in Chromium. Screenshots are stored in {@code target/screenshots}. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "management.server.port=0",
      "heliograph.security.api-key=" + LoginCalls.KEY,
      "heliograph.login.limits.per-address=100000",
      "heliograph.login.limits.scans-per-subject=100000"
    })
@ExtendWith(ChromiumExtension.class)
class LoginPageTests {

  /** The ticket with which the page would continue after a reload. */
  private static final String KEPT =
      "JSON.parse(sessionStorage.getItem('heliograph.login'))?.ticket.ticket";

  private static final Path PICTURES = Path.of("target", "screenshots");

  @TestConfiguration(proxyBeanMethods = false)
  static class Own {
    @Bean
    @Primary
    ManualClock manualClock() {
      return new ManualClock();
    }
  }

  @LocalServerPort int port;
  @Autowired ManualClock clock;
  @Autowired Tickets life;
  private LoginCalls calls;
  private final List<String> complaints = new CopyOnWriteArrayList<>();

  @BeforeEach
  void calls() {
    calls = new LoginCalls(port);
  }

  private void open(Page page) {
    page.onConsoleMessage(
        message -> {
          if (message.type().equals("error") || message.type().equals("warning")) {
            complaints.add(message.text());
          }
        });
    page.onPageError(complaints::add);
    page.navigate("http://127.0.0.1:" + port + "/login");
    assertThat(page.locator("#status")).hasText("Scan the code with your phone");
  }

  /** Reads the code from a screenshot, as a camera does. */
  private static String ticketOn(Page page) throws Exception {
    BufferedImage seen = picture(page.locator("#code svg"));
    // The edge may share a pixel with its surroundings.
    String content =
        QrReader.read(seen.getSubimage(1, 1, seen.getWidth() - 2, seen.getHeight() - 2));
    assertThat(content).matches("http://127\\.0\\.0\\.1:\\d+/l/[A-Za-z0-9_-]{22}");
    return content.substring(content.length() - 22);
  }

  private static BufferedImage picture(Locator locator) throws Exception {
    return ImageIO.read(new ByteArrayInputStream(locator.screenshot()));
  }

  private static int matchCodeOn(Page page) {
    return Integer.parseInt(page.locator("#match-code").textContent());
  }

  private static void saveScreenshot(Page page, String name) {
    page.screenshot(
        new Page.ScreenshotOptions().setFullPage(true).setPath(PICTURES.resolve(name + ".png")));
  }

  @Test
  void aCodeIsScannedConfirmedExchangedAndRedeemed(Page page) throws Exception {
    open(page);
    String ticket = ticketOn(page);
    assertThat(page.locator("#countdown")).hasText(java.util.regex.Pattern.compile("1[12]\\d s"));
    saveScreenshot(page, "login-code");

    Answer context = calls.scan(ticket).hasStatus(200);
    assertThat(page.locator("#status")).hasText("Scanned. Confirm on your phone");
    saveScreenshot(page, "login-scanned");
    int code = matchCodeOn(page);
    assertThat(context.body().path("choices").toString()).contains(Integer.toString(code));

    var exchanged =
        page.waitForResponse("**/exchange", () -> calls.confirm(ticket, code).hasStatus(200));
    assertThat(page.locator("#status")).hasText("You are logged in");
    assertThat(page.locator("#again")).isHidden();
    saveScreenshot(page, "login-success");

    String grant = exchanged.text().replaceAll(".*\"grantCode\":\"([^\"]+)\".*", "$1");
    assertThat(calls.redeem(grant).hasStatus(200).text("subject")).isEqualTo("alice");
    assertThat(page.url()).doesNotContain(grant);
    assertThat(complaints).isEmpty();
  }

  @Test
  void anExpiredCodeIsReplacedAfterAClick(Page page) throws Exception {
    open(page);
    String first = ticketOn(page);
    clock.advanceSeconds(120);
    life.sweep();
    assertThat(page.locator("#status")).hasText("The code has expired");
    saveScreenshot(page, "login-expired");

    page.locator("#again").click();
    assertThat(page.locator("#status")).hasText("Scan the code with your phone");
    assertThat(page.locator("#again")).isHidden();
    assertThat(ticketOn(page)).isNotEqualTo(first);
  }

  @Test
  void theCodeIsRefreshedBeforeItExpires(Page page) throws Exception {
    page.clock().install();
    open(page);
    String first = ticketOn(page);
    page.waitForResponse("**/refresh", () -> page.clock().fastForward(117_000));
    // Between the two codes none is shown for a moment.
    page.waitForCondition(
        () -> page.evaluate(KEPT) instanceof String ticket && !ticket.equals(first));
    assertThat(page.locator("#status")).hasText("Scan the code with your phone");
    String second = ticketOn(page);
    assertThat(second).isNotEqualTo(first);
    calls.scan(first).hasStatus(410);
    calls.scan(second).hasStatus(200);
    assertThat(page.locator("#status")).hasText("Scanned. Confirm on your phone");
  }

  @Test
  void aDenialOnThePhoneIsShown(Page page) throws Exception {
    open(page);
    String ticket = ticketOn(page);
    calls.scan(ticket).hasStatus(200);
    calls.deny(ticket).hasStatus(204);
    assertThat(page.locator("#status")).hasText("The login was refused on the phone");
    assertThat(page.locator("#again")).isVisible();
    saveScreenshot(page, "login-denied");
  }

  @Test
  void leavingThePageCancelsItsCode(Page page) throws Exception {
    open(page);
    String ticket = ticketOn(page);
    page.navigate("about:blank");
    org.awaitility.Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(life.find(ticket).orElseThrow().state())
                    .isEqualTo(TicketState.CANCELLED));
  }

  /** Case 116: scanners need black on white, also on a dark page and on a small screen. */
  @ParameterizedTest
  @EnumSource(
      value = ColorScheme.class,
      names = {"LIGHT", "DARK"})
  void theCodeIsBlackOnWhiteInEachColourSchemeAndFitsASmallScreen(ColorScheme scheme, Page page)
      throws Exception {
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
    page.setViewportSize(320, 640);
    open(page);
    ticketOn(page);
    saveScreenshot(page, "login-narrow-" + scheme.name().toLowerCase(java.util.Locale.ROOT));

    BufferedImage code = picture(page.locator("#code svg"));
    int middle = code.getWidth() / 2;
    assertThat(code.getRGB(middle, 2)).as("the quiet zone").isEqualTo(0xFFFFFFFF);
    // The top left finder pattern begins after the quiet zone of four modules.
    int modules = Integer.parseInt(page.locator("#code svg").getAttribute("viewBox").split(" ")[2]);
    int inFinder = Math.round(4.5f * code.getWidth() / modules);
    assertThat(code.getRGB(inFinder, inFinder)).as("a module").isEqualTo(0xFF000000);
    Object overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth");
    assertThat(((Number) overflow).intValue()).as("no horizontal scrolling").isNotPositive();
    assertThat(complaints).isEmpty();
  }

  @Test
  void confirmingOnThePhoneLogsTheBrowserIn(BrowserContext context) throws Exception {
    Page page = context.newPage();
    open(page);
    String ticket = ticketOn(page);
    String token = calls.scan(ticket).hasStatus(200).text("phoneToken");

    Page phone = context.newPage();
    phone.setViewportSize(360, 740);
    phone.navigate("http://127.0.0.1:" + port + "/l/" + ticket + "#k=" + token);
    assertThat(phone.locator("#title")).hasText("Log in?");
    assertThat(phone.locator("#site")).hasText("127.0.0.1:" + port);
    assertThat(phone.locator("#no")).isFocused();
    var no = phone.locator("#no").boundingBox();
    var yes = phone.locator("#yes").boundingBox();
    assertThat(no.width * no.height)
        .as("the buttons No and Yes have the same size")
        .isGreaterThanOrEqualTo(yes.width * yes.height);
    saveScreenshot(phone, "phone-question");
    phone.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
    saveScreenshot(phone, "phone-question-dark");

    phone.locator("#yes").click();
    assertThat(phone.locator("#status")).hasText("Choose the number that the screen shows.");
    phone
        .locator(
            "#numbers label",
            new Page.LocatorOptions().setHasText(Integer.toString(matchCodeOn(page))))
        .click();
    phone.locator("#yes").click();
    assertThat(phone.locator("#title")).hasText("You are logged in");
    saveScreenshot(phone, "phone-done");
    assertThat(page.locator("#status")).hasText("You are logged in");

    // R20: the same link, opened after the login, disowns it.
    phone.reload();
    assertThat(phone.locator("#title")).hasText("You are logged in");
    saveScreenshot(phone, "phone-not-me");
    phone.locator("#not-me").click();
    assertThat(phone.locator("#title")).hasText("It was reported");
    assertThat(phone.locator("#report")).isHidden();
  }

  /** Case 104, on the page and on the phone. */
  @Test
  void threeWrongMatchCodesEndTheLogin(BrowserContext context) throws Exception {
    Page page = context.newPage();
    open(page);
    String ticket = ticketOn(page);
    Answer scanned = calls.scan(ticket);
    String right = Integer.toString(matchCodeOn(page));
    Page phone = context.newPage();
    phone.navigate(
        "http://127.0.0.1:" + port + "/l/" + ticket + "#k=" + scanned.text("phoneToken"));
    phone.locator("#numbers label", new Page.LocatorOptions().setHasNotText(right)).first().click();
    for (String left : List.of("Attempts left: 2", "Attempts left: 1")) {
      phone.locator("#yes").click();
      assertThat(phone.locator("#status")).containsText(left);
    }
    phone.locator("#yes").click();
    assertThat(phone.locator("#title")).hasText("The login was refused");
    assertThat(page.locator("#status")).hasText("The login was refused on the phone");
  }

  @Test
  void anInvalidPhoneLinkIsReportedOnThePage(Page phone) {
    phone.navigate("http://127.0.0.1:" + port + "/l/AAAAAAAAAAAAAAAAAAAAAA");
    assertThat(phone.locator("#title")).hasText("This code is invalid or has expired");
    phone.navigate("http://127.0.0.1:" + port + "/l/BBBBBBBBBBBBBBBBBBBBBB#k=" + "x".repeat(43));
    assertThat(phone.locator("#title")).hasText("This code is invalid or has expired");
  }

  /** Case 107, R22. */
  @Test
  void theConfirmPageCannotBeFramed(Page page) {
    page.navigate("http://127.0.0.1:" + port + "/");
    page.onConsoleMessage(message -> complaints.add(message.text()));
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('iframe'),"
            + " {src: '/l/AAAAAAAAAAAAAAAAAAAAAA'}))");
    org.awaitility.Awaitility.await()
        .untilAsserted(
            () -> {
              page.evaluate("0");
              assertThat(complaints).anyMatch(text -> text.contains("frame-ancestors"));
            });
  }
}

package io.heliograph.login;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import io.heliograph.browser.ChromiumExtension;
import io.heliograph.support.Node;
import io.heliograph.support.RedisServer;
import io.heliograph.support.RequestProxy;
import io.heliograph.support.RequestProxy.Failure;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

/** The risk: one failure of a call after the scan loses a login that the user has confirmed. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "management.server.port=0",
      "heliograph.security.api-key=" + LoginCalls.KEY,
      "heliograph.login.limits.per-address=100000",
      "heliograph.login.limits.scans-per-subject=100000"
    })
@ExtendWith(ChromiumExtension.class)
class LoginFailureTests {

  /** Longer than the longest failure, on a slow machine. */
  private static final double PATIENCE_MS = 90_000;

  @LocalServerPort int port;
  private LoginCalls calls;
  private RequestProxy proxy;

  @BeforeEach
  void start() {
    calls = new LoginCalls(port);
    proxy = new RequestProxy(port);
  }

  @AfterEach
  void stop() {
    proxy.close();
  }

  private String open(Page page, int at) {
    page.navigate("http://127.0.0.1:" + at + "/login");
    assertThat(page.locator("#status")).hasText("Scan the code with your phone");
    return ticketOf(page);
  }

  private static String ticketOf(Page page) {
    Object kept =
        page.evaluate("JSON.parse(sessionStorage.getItem('heliograph.login'))?.ticket.ticket");
    return String.valueOf(kept);
  }

  private static int matchCodeOn(Page page) {
    return Integer.parseInt(page.locator("#match-code").textContent());
  }

  private static void assertText(Locator locator, String text) {
    assertThat(locator)
        .hasText(text, new LocatorAssertions.HasTextOptions().setTimeout(PATIENCE_MS));
  }

  /** Asserts that the grant is valid and names the user who confirmed. */
  private void assertLoggedIn(Page page) {
    assertText(page.locator("#status"), "You are logged in");
    Locator redeem = page.locator("#curl-redeem");
    assertThat(redeem)
        .containsText(
            java.util.regex.Pattern.compile("\"grantCode\":\"[A-Za-z0-9_-]{43}\""),
            new LocatorAssertions.ContainsTextOptions().setTimeout(PATIENCE_MS));
    String grant =
        redeem.textContent().replaceAll("(?s).*\"grantCode\":\"([A-Za-z0-9_-]{43})\".*", "$1");
    assertThat(calls.redeem(grant).hasStatus(200).text("subject")).isEqualTo("alice");
  }

  @ParameterizedTest
  @EnumSource(Failure.class)
  void aLoginSurvivesAFailureOfTheExchange(Failure failure, Page page) {
    String ticket = open(page, proxy.port());
    calls.scan(ticket).hasStatus(200);
    assertText(page.locator("#status"), "Scanned. Confirm on your phone");
    proxy.failOnce("POST /v1/logins/" + ticket + "/exchange", failure);
    calls.confirm(ticket, matchCodeOn(page)).hasStatus(200);
    assertLoggedIn(page);
    assertThat(proxy.failed()).as("the failure happened").isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(Failure.class)
  void aLoginSurvivesAFailureOfThePhonesCall(Failure failure, BrowserContext context) {
    Page page = context.newPage();
    String ticket = open(page, proxy.port());
    String token = calls.scan(ticket).hasStatus(200).text("phoneToken");
    Page phone = context.newPage();
    proxy.failOnce("POST /v1/logins/" + ticket + "/scan", failure);
    phone.navigate("http://127.0.0.1:" + proxy.port() + "/l/" + ticket + "#k=" + token);
    assertText(phone.locator("#title"), "Log in?");
    phone
        .locator(
            "#numbers label",
            new Page.LocatorOptions().setHasText(Integer.toString(matchCodeOn(page))))
        .click();
    proxy.failOnce("POST /v1/logins/" + ticket + "/confirm", failure);
    phone.locator("#yes").click();
    assertText(phone.locator("#title"), "You are logged in");
    assertLoggedIn(page);
    assertThat(proxy.failed()).isEqualTo(2);
  }

  /** From the confirmation on, nothing passes for 40 s, and no connection is closed. */
  @Test
  void aLoginSurvivesFortySecondsWithoutNetwork(Page page) throws Exception {
    String ticket = open(page, proxy.port());
    calls.scan(ticket).hasStatus(200);
    assertText(page.locator("#status"), "Scanned. Confirm on your phone");
    int code = matchCodeOn(page);
    proxy.silence();
    calls.confirm(ticket, code).hasStatus(200);
    TimeUnit.SECONDS.sleep(40); // the length of the failure, not a wait for something
    proxy.mend();
    assertLoggedIn(page);
  }

  /** The WebSocket looks open but delivers nothing; new connections work. */
  @Test
  void aLoginSurvivesASilentlyDeadWebSocket(Page page) {
    String ticket = open(page, proxy.port());
    proxy.forget();
    calls.scan(ticket).hasStatus(200);
    assertText(page.locator("#status"), "Scanned. Confirm on your phone");
    proxy.forget();
    calls.confirm(ticket, matchCodeOn(page)).hasStatus(200);
    assertLoggedIn(page);
  }

  @Test
  void aLoginSurvivesAReloadAfterTheScan(Page page) {
    String ticket = open(page, proxy.port());
    int code = matchCodeOn(page);
    calls.scan(ticket).hasStatus(200);
    page.reload();
    assertText(page.locator("#status"), "Scanned. Confirm on your phone");
    assertThat(ticketOf(page)).isEqualTo(ticket);
    assertThat(matchCodeOn(page)).isEqualTo(code);

    // Dropped, so that no second attempt exchanges before the reload.
    proxy.failOnce("POST /v1/logins/" + ticket + "/exchange", Failure.ANSWER_SWALLOWED);
    calls.confirm(ticket, code).hasStatus(200);
    page.waitForCondition(() -> proxy.failed() == 1);
    page.reload();
    assertLoggedIn(page);
  }

  /** When the page is reloaded, it may not know yet that its code was scanned. */
  @Test
  void aLoginSurvivesAReloadDuringTheScan(Page page) {
    String ticket = open(page, proxy.port());
    int code = matchCodeOn(page);
    calls.scan(ticket).hasStatus(200);
    page.reload();
    calls.confirm(ticket, code).hasStatus(200);
    assertLoggedIn(page);
  }

  /**
   * The call that the node processes when it stops; another node with the same Redis takes over.
   */
  enum Restart {
    AFTER_THE_SCAN,
    AFTER_THE_CONFIRMATION_WAS_SENT,
    AFTER_THE_EXCHANGE_WAS_DONE
  }

  @ParameterizedTest
  @EnumSource
  void aLoginSurvivesARestartWithRedis(Restart restart, Page page) {
    try (RedisServer redis = RedisServer.running();
        Node first = Node.on(redis, "heliograph.drain.duration=0s")) {
      proxy.server(first.port());
      calls = new LoginCalls(first.port(), Node.API_KEY);
      String ticket = open(page, proxy.port());
      calls.scan(ticket).hasStatus(200);
      assertText(page.locator("#status"), "Scanned. Confirm on your phone");
      int code = matchCodeOn(page);
      switch (restart) {
        case AFTER_THE_SCAN -> {}
        case AFTER_THE_CONFIRMATION_WAS_SENT -> {
          proxy.silence();
          calls.confirm(ticket, code).hasStatus(200);
        }
        case AFTER_THE_EXCHANGE_WAS_DONE -> {
          proxy.failOnce("POST /v1/logins/" + ticket + "/exchange", Failure.ANSWER_SWALLOWED);
          calls.confirm(ticket, code).hasStatus(200);
          page.waitForCondition(() -> proxy.failed() == 1);
        }
      }
      first.close();
      try (Node second = Node.on(redis, "heliograph.drain.duration=0s")) {
        proxy.server(second.port());
        proxy.mend();
        calls = new LoginCalls(second.port(), Node.API_KEY);
        if (restart == Restart.AFTER_THE_SCAN) {
          calls.confirm(ticket, code).hasStatus(200);
        }
        assertLoggedIn(page);
      }
    }
  }

  @Test
  void afterARefreshWithALostAnswerThePageShowsANewCode(Page page) {
    page.clock().install();
    String first = open(page, proxy.port());
    proxy.failOnce("POST /v1/logins/" + first + "/refresh", Failure.ANSWER_LOST);
    page.clock().fastForward(117_000);
    page.waitForCondition(() -> proxy.failed() == 1);
    page.clock().runFor(10_000);
    page.waitForCondition(() -> ticketOf(page).length() == 22 && !ticketOf(page).equals(first));
    assertThat(page.locator("#status")).hasText("Scan the code with your phone");
    calls.scan(ticketOf(page)).hasStatus(200);
    assertText(page.locator("#status"), "Scanned. Confirm on your phone");
  }
}

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

/**
 * A login survives one failure of any kind at any single call after the scan: whoever said yes on
 * the phone is logged in.
 */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "management.server.port=0",
      "heliograph.security.api-key=" + LoginCalls.KEY,
      "heliograph.login.limits.per-address=100000",
      "heliograph.login.limits.scans-per-subject=100000"
    })
@ExtendWith(ChromiumExtension.class)
class SurvivedFailureTests {

  /** More than the longest failure takes, on a slow machine. */
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

  private static void hasText(Locator locator, String text) {
    assertThat(locator)
        .hasText(text, new LocatorAssertions.HasTextOptions().setTimeout(PATIENCE_MS));
  }

  /** Its grant is good, and for the user who confirmed. */
  private void isLoggedIn(Page page) {
    hasText(page.locator("#status"), "You are logged in");
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
  void oneFailureOfTheExchangeLosesNoLogin(Failure failure, Page page) {
    String ticket = open(page, proxy.port());
    calls.scan(ticket).hasStatus(200);
    hasText(page.locator("#status"), "Scanned. Confirm on your phone");
    proxy.failOnce("POST /v1/logins/" + ticket + "/exchange", failure);
    calls.confirm(ticket, matchCodeOn(page)).hasStatus(200);
    isLoggedIn(page);
    assertThat(proxy.failed()).as("the failure happened").isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(Failure.class)
  void oneFailureOfThePhonesAnswerLosesNoLogin(Failure failure, BrowserContext context) {
    Page page = context.newPage();
    String ticket = open(page, proxy.port());
    String token = calls.scan(ticket).hasStatus(200).text("phoneToken");
    Page phone = context.newPage();
    proxy.failOnce("POST /v1/logins/" + ticket + "/scan", failure);
    phone.navigate("http://127.0.0.1:" + proxy.port() + "/l/" + ticket + "#k=" + token);
    hasText(phone.locator("#title"), "Log in?");
    phone
        .locator(
            "#numbers label",
            new Page.LocatorOptions().setHasText(Integer.toString(matchCodeOn(page))))
        .click();
    proxy.failOnce("POST /v1/logins/" + ticket + "/confirm", failure);
    phone.locator("#yes").click();
    hasText(phone.locator("#title"), "You are logged in");
    isLoggedIn(page);
    assertThat(proxy.failed()).isEqualTo(2);
  }

  /** From the yes on nothing passes for 40 s, and no connection is ended. */
  @Test
  void aBlackHoleOfFortySecondsLosesNoLogin(Page page) throws Exception {
    String ticket = open(page, proxy.port());
    calls.scan(ticket).hasStatus(200);
    hasText(page.locator("#status"), "Scanned. Confirm on your phone");
    int code = matchCodeOn(page);
    proxy.silence();
    calls.confirm(ticket, code).hasStatus(200);
    TimeUnit.SECONDS.sleep(40); // the length of the failure, not a wait for something
    proxy.mend();
    isLoggedIn(page);
  }

  /** The socket seems open and carries nothing any more; new connections work. */
  @Test
  void aSocketThatDiedWithoutASignLosesNoLogin(Page page) {
    String ticket = open(page, proxy.port());
    proxy.forget();
    calls.scan(ticket).hasStatus(200);
    hasText(page.locator("#status"), "Scanned. Confirm on your phone");
    proxy.forget();
    calls.confirm(ticket, matchCodeOn(page)).hasStatus(200);
    isLoggedIn(page);
  }

  @Test
  void aReloadAtAnyTimeAfterTheScanLosesNoLogin(Page page) {
    String ticket = open(page, proxy.port());
    int code = matchCodeOn(page);
    calls.scan(ticket).hasStatus(200);
    page.reload();
    hasText(page.locator("#status"), "Scanned. Confirm on your phone");
    assertThat(ticketOf(page)).isEqualTo(ticket);
    assertThat(matchCodeOn(page)).isEqualTo(code);

    // Swallowed, so that no second attempt collects the grant before the reload.
    proxy.failOnce("POST /v1/logins/" + ticket + "/exchange", Failure.ANSWER_SWALLOWED);
    calls.confirm(ticket, code).hasStatus(200);
    page.waitForCondition(() -> proxy.failed() == 1);
    page.reload();
    isLoggedIn(page);
  }

  /** The page may not know yet that its code was scanned when it is left. */
  @Test
  void aReloadThatRacesWithTheScanLosesNoLogin(Page page) {
    String ticket = open(page, proxy.port());
    int code = matchCodeOn(page);
    calls.scan(ticket).hasStatus(200);
    page.reload();
    calls.confirm(ticket, code).hasStatus(200);
    isLoggedIn(page);
  }

  /** Which call the node is at when it ends; another one takes over with the same Redis. */
  enum Restart {
    AFTER_THE_SCAN,
    AFTER_THE_CONFIRMATION_WAS_SENT,
    AFTER_THE_EXCHANGE_WAS_DONE
  }

  @ParameterizedTest
  @EnumSource
  void aRestartWithRedisLosesNoLogin(Restart restart, Page page) {
    try (RedisServer redis = RedisServer.running();
        Node first = Node.on(redis, "heliograph.drain.duration=0s")) {
      proxy.server(first.port());
      calls = new LoginCalls(first.port(), Node.API_KEY);
      String ticket = open(page, proxy.port());
      calls.scan(ticket).hasStatus(200);
      hasText(page.locator("#status"), "Scanned. Confirm on your phone");
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
        isLoggedIn(page);
      }
    }
  }

  @Test
  void aRefreshWhoseAnswerIsLostEndsInAFreshCode(Page page) {
    page.clock().install();
    String first = open(page, proxy.port());
    proxy.failOnce("POST /v1/logins/" + first + "/refresh", Failure.ANSWER_LOST);
    page.clock().fastForward(117_000);
    page.waitForCondition(() -> proxy.failed() == 1);
    page.clock().runFor(10_000);
    page.waitForCondition(() -> ticketOf(page).length() == 22 && !ticketOf(page).equals(first));
    assertThat(page.locator("#status")).hasText("Scan the code with your phone");
    calls.scan(ticketOf(page)).hasStatus(200);
    hasText(page.locator("#status"), "Scanned. Confirm on your phone");
  }
}

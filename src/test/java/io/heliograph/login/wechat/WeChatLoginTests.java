package io.heliograph.login.wechat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliograph.callback.FakeLogins;
import io.heliograph.idempotency.IdempotencyProperties;
import io.heliograph.idempotency.MemoryIdempotencyStore;
import io.heliograph.login.LoginLimits;
import io.heliograph.login.LoginProperties;
import io.heliograph.login.PublicUrls;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import io.heliograph.testing.TestClock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.util.unit.DataSize;
import tools.jackson.databind.json.JsonMapper;

/** Case 113 and R11: only the browser that left for WeChat comes back from it, and once. */
class WeChatLoginTests {

  private static final String TICKET = "AAAAAAAAAAAAAAAAAAAAAA";
  private static final String MINE = "m".repeat(43);
  private static final String THEIRS = "t".repeat(43);

  private final TestClock clock = new TestClock(Instant.parse("2026-11-21T00:00:00Z"));
  private final StandInWeChat weChat = new StandInWeChat();
  private final HttpClient http = WeChatApi.client();
  private final FakeLogins logins = new FakeLogins();
  private final LoginLimits limits =
      new LoginLimits(
          new LoginProperties.Limits(10, 3, 5, 20, 60, 100, 100), new SimpleMeterRegistry());
  private final WeChatLoginController controller = controller();

  private WeChatLoginController controller() {
    WeChatAccounts accounts =
        new WeChatAccounts(
            new WeChatProperties(
                Map.of(
                    "site",
                    new WeChatProperties.Account(
                        WeChatProperties.Kind.OPEN_PLATFORM,
                        null,
                        "wx1",
                        "app-secret",
                        null,
                        null,
                        null,
                        null,
                        false,
                        weChat.address(),
                        URI.create("https://open.weixin.qq.com")))));
    return new WeChatLoginController(
        accounts,
        new WeChatApis(
            accounts,
            account ->
                new WeChatApi(account, http, new JsonMapper(), clock, Duration.ofSeconds(3))),
        new OAuthStates(
            new MemoryIdempotencyStore(
                new IdempotencyProperties(1_000, DataSize.ofMegabytes(1)), clock)),
        logins,
        limits,
        new PublicUrls(URI.create("https://push.example.com")));
  }

  @BeforeEach
  void live() {
    logins.answer(TICKET, FakeLogins.DONE);
    logins.waitsIn(TICKET, MINE);
  }

  @AfterEach
  void end() {
    weChat.close();
    http.shutdownNow();
  }

  private record Away(String state, String returning) {}

  private Away start() {
    ResponseEntity<Void> answer = controller.start(TICKET, MINE, new MockHttpServletRequest());
    assertThat(answer.getStatusCode().value()).isEqualTo(302);
    String location = String.valueOf(answer.getHeaders().getLocation());
    assertThat(location)
        .startsWith(
            "https://open.weixin.qq.com/connect/qrconnect?appid=wx1&redirect_uri=https%3A%2F%2Fpush.example.com%2Flogin%2Fwechat%2Fcallback&response_type=code&scope=snsapi_login&state=")
        .endsWith("#wechat_redirect")
        .doesNotContain("app-secret", MINE, TICKET);
    String cookie = String.valueOf(answer.getHeaders().getFirst(HttpHeaders.SET_COOKIE));
    assertThat(cookie)
        .startsWith("__Host-qrw=")
        .contains("HttpOnly", "Secure", "SameSite=Lax", "Path=/");
    String state = location.replaceAll(".*&state=([A-Za-z0-9_-]{43})#.*", "$1");
    return new Away(state, cookie.replaceAll("__Host-qrw=([^;]*);.*", "$1"));
  }

  private ResponseEntity<String> back(
      String state, @Nullable String code, @Nullable String cookie, @Nullable String returning) {
    return controller.callback(state, code, cookie, returning, new MockHttpServletRequest());
  }

  private void refused(
      String state, String code, @Nullable String cookie, @Nullable String returning) {
    assertThatThrownBy(() -> back(state, code, cookie, returning))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> assertThat(e.type()).isEqualTo(ProblemType.BROWSER_BINDING_FAILED));
    assertThat(logins.told).isEmpty();
  }

  @Test
  void theBrowserThatLeftComesBackAndIsConfirmed() {
    Away away = start();
    assertThat(back(away.state, "good-1", null, away.returning).getStatusCode().value())
        .isEqualTo(200);
    assertThat(logins.told).containsExactly("confirmed " + TICKET + " union-1 wechat-open");
  }

  @Test
  void theStrictCookieIsAsGoodWhereItComesAlong() {
    assertThat(back(start().state, "good-1", MINE, null).getStatusCode().value()).isEqualTo(200);
    assertThat(logins.told).hasSize(1);
  }

  @Test
  void case113AnUnknownStateIsRefused() {
    refused("x".repeat(43), "good-1", MINE, null);
    refused("short", "good-1", MINE, null);
    refused("", "good-1", MINE, null);
  }

  @Test
  void case113R11AnotherBrowsersStateIsRefusedAndLeftToItsOwner() {
    Away away = start();
    refused(away.state, "good-1", THEIRS, null);
    refused(away.state, "good-1", THEIRS, away.returning);
    refused(away.state, "good-1", null, THEIRS);
    refused(away.state, "good-1", null, null);
    back(away.state, "good-1", MINE, away.returning);
    assertThat(logins.told).hasSize(1);
  }

  @Test
  void case113AStateIsGoodOnce() {
    Away away = start();
    back(away.state, "good-1", MINE, null);
    logins.told.clear();
    refused(away.state, "good-2", MINE, null);
  }

  @Test
  void case113AStateEndsAfterTenMinutes() {
    Away away = start();
    clock.passes(Duration.ofMinutes(10));
    refused(away.state, "good-1", MINE, null);
  }

  @Test
  void case113WithoutACodeTheUserRefused() {
    Away away = start();
    assertThat(back(away.state, null, MINE, null).getStatusCode().value()).isEqualTo(200);
    assertThat(logins.told).containsExactly("denied " + TICKET + " null wechat-open");
  }

  @Test
  void case113ACodeIsGoodOnce() {
    back(start().state, "good-1", MINE, null);
    logins.told.clear();
    refused(start().state, "good-1", MINE, null);
    refused(start().state, "not a code&appid=x", MINE, null);
  }

  @Test
  void aTicketOfAnotherBrowserIsNotThere() {
    for (String cookie : new String[] {THEIRS, "short", null}) {
      assertThatThrownBy(() -> controller.start(TICKET, cookie, new MockHttpServletRequest()))
          .isInstanceOfSatisfying(
              ProblemException.class,
              e -> assertThat(e.type()).isEqualTo(ProblemType.TICKET_NOT_FOUND));
    }
  }

  @Test
  void aBrowserThatComesAgainAfterAFailureOfWeChatIsLoggedIn() {
    Away away = start();
    StandInWeChat.Mood well = weChat.mood;
    weChat.mood = StandInWeChat.Mood.FAULTY;
    isProblem(ProblemType.PROVIDER_UNAVAILABLE, () -> back(away.state, "good-1", MINE, null));
    weChat.mood = well;
    back(away.state, "good-1", MINE, null);
    assertThat(logins.told).containsExactly("confirmed " + TICKET + " union-1 wechat-open");
  }

  /** WeChat takes its code once, so what it said is kept. */
  @Test
  void aBrowserThatComesAgainAfterAFailureOfTheStoreIsLoggedIn() {
    Away away = start();
    logins.before(
        () -> {
          throw new ProblemException(ProblemType.STORE_UNAVAILABLE, "away");
        });
    isProblem(ProblemType.STORE_UNAVAILABLE, () -> back(away.state, "good-1", MINE, null));
    logins.before(() -> {});
    back(away.state, "good-1", MINE, null);
    back(away.state, "good-1", MINE, null);
    assertThat(logins.told).hasSize(2).containsOnly("confirmed " + TICKET + " union-1 wechat-open");
  }

  /** Each visit keeps a state for ten minutes. */
  @Test
  void visitsOfOneAddressAreLimited() {
    for (int i = 0; i < 10; i++) {
      start();
    }
    for (int i = 0; i < 5; i++) {
      isProblem(ProblemType.RATE_LIMITED, this::start);
    }
  }

  @Test
  void anAddressThatGuessesTicketsOrStatesIsToldToStop() {
    for (int i = 0; i < 10; i++) {
      refused("y".repeat(43), "good-1", MINE, null);
      isProblem(
          ProblemType.TICKET_NOT_FOUND,
          () -> controller.start(TICKET, THEIRS, new MockHttpServletRequest()));
    }
    isProblem(
        ProblemType.RATE_LIMITED,
        () -> controller.start(TICKET, THEIRS, new MockHttpServletRequest()));
    isProblem(ProblemType.RATE_LIMITED, () -> back("y".repeat(43), "good-1", MINE, null));
  }

  private static void isProblem(ProblemType type, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(ProblemException.class, e -> assertThat(e.type()).isEqualTo(type));
  }
}

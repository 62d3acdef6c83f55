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
import io.heliograph.support.ManualClock;
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

/** Case 113 and R11: only the browser that was redirected to WeChat can return, and once. */
class WeChatLoginTests {

  private static final String TICKET = "AAAAAAAAAAAAAAAAAAAAAA";
  private static final String MINE = "m".repeat(43);
  private static final String THEIRS = "t".repeat(43);

  private final ManualClock clock = new ManualClock(Instant.parse("2026-11-21T00:00:00Z"));
  private final FakeWeChat weChat = new FakeWeChat();
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
            new MemoryOAuthStateStore(clock),
            new MemoryIdempotencyStore(
                new IdempotencyProperties(1_000, DataSize.ofMegabytes(1)), clock)),
        logins,
        limits,
        new PublicUrls(URI.create("https://push.example.com")));
  }

  @BeforeEach
  void expectUser() {
    logins.answer(TICKET, FakeLogins.DONE);
    logins.waitsIn(TICKET, MINE);
  }

  @AfterEach
  void end() {
    weChat.close();
    http.shutdownNow();
  }

  private record Redirected(String state, String returning) {}

  private Redirected start() {
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
    return new Redirected(state, cookie.replaceAll("__Host-qrw=([^;]*);.*", "$1"));
  }

  private ResponseEntity<String> returnFromWeChat(
      String state, @Nullable String code, @Nullable String cookie, @Nullable String returning) {
    return controller.callback(state, code, cookie, returning, new MockHttpServletRequest());
  }

  private void assertRefused(
      String state, String code, @Nullable String cookie, @Nullable String returning) {
    assertThatThrownBy(() -> returnFromWeChat(state, code, cookie, returning))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> assertThat(e.type()).isEqualTo(ProblemType.BROWSER_BINDING_FAILED));
    assertThat(logins.applied).isEmpty();
  }

  @Test
  void theReturningBrowserIsConfirmed() {
    Redirected redirected = start();
    assertThat(
            returnFromWeChat(redirected.state, "good-1", null, redirected.returning)
                .getStatusCode()
                .value())
        .isEqualTo(200);
    assertThat(logins.applied).containsExactly("confirmed " + TICKET + " union-1 wechat-open");
  }

  @Test
  void theStrictCookieIsAcceptedAsWell() {
    assertThat(returnFromWeChat(start().state, "good-1", MINE, null).getStatusCode().value())
        .isEqualTo(200);
    assertThat(logins.applied).hasSize(1);
  }

  /** Case 113. */
  @Test
  void anUnknownStateIsRefused() {
    assertRefused("x".repeat(43), "good-1", MINE, null);
    assertRefused("short", "good-1", MINE, null);
    assertRefused("", "good-1", MINE, null);
  }

  /** Case 113, R11. */
  @Test
  void aStateOfAnotherBrowserIsRefusedAndStaysValid() {
    Redirected redirected = start();
    assertRefused(redirected.state, "good-1", THEIRS, null);
    assertRefused(redirected.state, "good-1", THEIRS, redirected.returning);
    assertRefused(redirected.state, "good-1", null, THEIRS);
    assertRefused(redirected.state, "good-1", null, null);
    returnFromWeChat(redirected.state, "good-1", MINE, redirected.returning);
    assertThat(logins.applied).hasSize(1);
  }

  /** Case 113. */
  @Test
  void aStateIsUsedOnce() {
    Redirected redirected = start();
    returnFromWeChat(redirected.state, "good-1", MINE, null);
    logins.applied.clear();
    assertRefused(redirected.state, "good-2", MINE, null);
  }

  /** Case 113. */
  @Test
  void aStateExpiresAfterTenMinutes() {
    Redirected redirected = start();
    clock.advance(Duration.ofMinutes(10));
    assertRefused(redirected.state, "good-1", MINE, null);
  }

  /** Case 113. */
  @Test
  void aReturnWithoutACodeIsADenial() {
    Redirected redirected = start();
    assertThat(returnFromWeChat(redirected.state, null, MINE, null).getStatusCode().value())
        .isEqualTo(200);
    assertThat(logins.applied).containsExactly("denied " + TICKET + " null wechat-open");
  }

  /** Case 113. */
  @Test
  void aCodeIsUsedOnce() {
    returnFromWeChat(start().state, "good-1", MINE, null);
    logins.applied.clear();
    assertRefused(start().state, "good-1", MINE, null);
    assertRefused(start().state, "not a code&appid=x", MINE, null);
  }

  @Test
  void aTicketOfAnotherBrowserIsNotFound() {
    for (String cookie : new String[] {THEIRS, "short", null}) {
      assertThatThrownBy(() -> controller.start(TICKET, cookie, new MockHttpServletRequest()))
          .isInstanceOfSatisfying(
              ProblemException.class,
              e -> assertThat(e.type()).isEqualTo(ProblemType.TICKET_NOT_FOUND));
    }
  }

  @Test
  void aRepeatedReturnAfterAFailureOfWeChatLogsIn() {
    Redirected redirected = start();
    FakeWeChat.Behaviour well = weChat.behaviour;
    weChat.behaviour = FakeWeChat.Behaviour.FAULTY;
    isProblem(
        ProblemType.PROVIDER_UNAVAILABLE,
        () -> returnFromWeChat(redirected.state, "good-1", MINE, null));
    weChat.behaviour = well;
    returnFromWeChat(redirected.state, "good-1", MINE, null);
    assertThat(logins.applied).containsExactly("confirmed " + TICKET + " union-1 wechat-open");
  }

  /** WeChat accepts its code once, so its answer is stored. */
  @Test
  void aRepeatedReturnAfterAFailureOfTheStoreLogsIn() {
    Redirected redirected = start();
    logins.before(
        () -> {
          throw new ProblemException(ProblemType.STORE_UNAVAILABLE, "away");
        });
    isProblem(
        ProblemType.STORE_UNAVAILABLE,
        () -> returnFromWeChat(redirected.state, "good-1", MINE, null));
    logins.before(() -> {});
    returnFromWeChat(redirected.state, "good-1", MINE, null);
    returnFromWeChat(redirected.state, "good-1", MINE, null);
    assertThat(logins.applied)
        .hasSize(2)
        .containsOnly("confirmed " + TICKET + " union-1 wechat-open");
  }

  /** Each start stores a state for ten minutes. */
  @Test
  void startsPerAddressAreLimited() {
    for (int i = 0; i < 10; i++) {
      start();
    }
    for (int i = 0; i < 5; i++) {
      isProblem(ProblemType.RATE_LIMITED, this::start);
    }
  }

  @Test
  void guessedTicketsAndStatesPerAddressAreLimited() {
    for (int i = 0; i < 10; i++) {
      assertRefused("y".repeat(43), "good-1", MINE, null);
      isProblem(
          ProblemType.TICKET_NOT_FOUND,
          () -> controller.start(TICKET, THEIRS, new MockHttpServletRequest()));
    }
    isProblem(
        ProblemType.RATE_LIMITED,
        () -> controller.start(TICKET, THEIRS, new MockHttpServletRequest()));
    isProblem(
        ProblemType.RATE_LIMITED, () -> returnFromWeChat("y".repeat(43), "good-1", MINE, null));
  }

  private static void isProblem(ProblemType type, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(ProblemException.class, e -> assertThat(e.type()).isEqualTo(type));
  }
}

package io.heliograph.login.wechat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliograph.support.ManualClock;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The client against a server with WeChat's documented API. */
class WeChatApiTests {

  private static final String SCENE = "AAAAAAAAAAAAAAAAAAAAAA";

  private final ManualClock clock = new ManualClock(Instant.parse("2026-11-21T00:00:00Z"));
  private final FakeWeChat weChat = new FakeWeChat();
  private final HttpClient http = WeChatApi.client();
  private final WeChatApi api = api(weChat.address(), Duration.ofSeconds(3));

  private WeChatApi api(URI address, Duration timeout) {
    return new WeChatApi(account(address), http, new JsonMapper(), clock, timeout);
  }

  static WeChatAccount account(URI address) {
    return new WeChatAccount(
        "site",
        WeChatProperties.Kind.OPEN_PLATFORM,
        "",
        "wx1",
        "app-secret",
        "",
        List.of(),
        address,
        URI.create("https://open.weixin.qq.com"));
  }

  @AfterEach
  void end() {
    weChat.close();
    http.shutdownNow();
  }

  private WeChatApi.QrCode create() {
    return api.createQr(SCENE, Duration.ofSeconds(180));
  }

  @Test
  void aCodeIsTemporaryAndContainsTheTicket() {
    assertThat(create()).isEqualTo(new WeChatApi.QrCode("http://weixin.qq.com/q/abc", "gQ1"));
    var order = new JsonMapper().readTree(weChat.orders.getFirst());
    assertThat(order.path("expire_seconds").asInt()).isEqualTo(180);
    assertThat(order.path("action_name").asString()).isEqualTo("QR_STR_SCENE");
    assertThat(order.at("/action_info/scene/scene_str").asString()).isEqualTo(SCENE);
  }

  /** R20. */
  @Test
  void aMessageIsSentAfterRenewingAnExpiredToken() {
    create();
    weChat.endToken();
    api.write("openid-1", "您好");
    JsonNode message = weChat.messages.getFirst();
    assertThat(message.path("touser").asString()).isEqualTo("openid-1");
    assertThat(message.at("/text/content").asString()).isEqualTo("您好");
    assertThat(weChat.tokensFetched).hasValue(2);
  }

  @Test
  void aRefusedMessageIsReportedWithoutTheUser() {
    weChat.outOfReach = true;
    assertThatThrownBy(() -> api.write("openid-1", "hello"))
        .isInstanceOf(WeChatUnavailableException.class)
        .hasMessage("WeChat refused, errcode 45015");
  }

  @Test
  void failedNoticesDoNotBlockLogins() {
    create();
    weChat.behaviour = FakeWeChat.Behaviour.FAULTY;
    for (int i = 0; i < 10; i++) {
      assertThatThrownBy(() -> api.write("openid-1", "hello"))
          .isInstanceOf(WeChatUnavailableException.class);
    }
    weChat.behaviour = FakeWeChat.Behaviour.WELL;
    assertThat(create().reference()).isEqualTo("gQ2");
    assertThatThrownBy(() -> api.write("openid-1", "hello"))
        .as("calls are suspended for a while")
        .isInstanceOf(WeChatUnavailableException.class);
    assertThat(weChat.messages).isEmpty();
  }

  @Test
  void theAccessTokenIsCachedAndRenewedBeforeItExpires() {
    create();
    clock.advance(Duration.ofSeconds(7200 - 301));
    create();
    assertThat(weChat.tokensFetched).hasValue(1);
    clock.advance(Duration.ofSeconds(1));
    create();
    assertThat(weChat.tokensFetched).hasValue(2);
  }

  /** Case 82. */
  @Test
  void aRejectedTokenIsRenewedOnceAndTheCallRepeatedOnce() {
    create();
    weChat.endToken();
    assertThat(create().reference()).isEqualTo("gQ2");
    assertThat(weChat.tokensFetched).hasValue(2);
  }

  /** Case 82. */
  @Test
  void tenConcurrentCallsFetchOneToken() throws Exception {
    create();
    weChat.endToken();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<String>> calls =
          IntStream.range(0, 10).<Callable<String>>mapToObj(i -> () -> create().content()).toList();
      assertThat(threads.invokeAll(calls).stream().map(Future::resultNow)).hasSize(10);
    }
    assertThat(weChat.tokensFetched).hasValue(2);
    assertThat(weChat.codesMade).hasValue(11);
  }

  @ParameterizedTest
  @EnumSource(
      value = FakeWeChat.Behaviour.class,
      names = {"FAULTY", "BUSY", "NONSENSE", "REDIRECTING"})
  void invalidAnswersMeanUnavailableAndRevealNoSecret(FakeWeChat.Behaviour behaviour) {
    weChat.behaviour = behaviour;
    assertThatThrownBy(this::create)
        .isInstanceOf(WeChatUnavailableException.class)
        .hasMessageNotContaining("secret")
        .hasNoCause();
    assertThat(weChat.tokensFetched).hasValue(0);
  }

  /** Case 83. */
  @Test
  void aSlowAnswerEndsAtTheTimeout() {
    weChat.behaviour = FakeWeChat.Behaviour.SLOW;
    assertThatThrownBy(
            () ->
                api(weChat.address(), Duration.ofMillis(150))
                    .createQr(SCENE, Duration.ofSeconds(180)))
        .isInstanceOf(WeChatUnavailableException.class)
        .hasMessage("WeChat did not answer in time");
  }

  /** Case 83. */
  @Test
  void afterFiveFailuresCallsPauseAndOneProbeFollows() {
    weChat.behaviour = FakeWeChat.Behaviour.FAULTY;
    for (int i = 0; i < 5; i++) {
      assertThatThrownBy(this::create).hasMessage("WeChat answered 502");
    }
    weChat.behaviour = FakeWeChat.Behaviour.WELL;
    assertThatThrownBy(this::create).hasMessageContaining("suspended");
    assertThat(weChat.tokensFetched).hasValue(0);
    clock.advance(Duration.ofSeconds(10));
    create();
    create();
    assertThat(weChat.codesMade).hasValue(2);
  }

  @Test
  void aCodeIsExchangedOnce() {
    assertThat(api.user("good-1"))
        .hasValueSatisfying(user -> assertThat(user.subject()).isEqualTo("union-1"));
    assertThat(api.user("good-1")).isEmpty();
    assertThat(api.user("bad")).isEmpty();
  }
}

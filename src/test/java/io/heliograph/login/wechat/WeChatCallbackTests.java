package io.heliograph.login.wechat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;

import io.heliograph.callback.CallbackMetrics;
import io.heliograph.callback.FakeLogins;
import io.heliograph.idempotency.IdempotencyProperties;
import io.heliograph.idempotency.MemoryIdempotencyStore;
import io.heliograph.login.LoginOutcome;
import io.heliograph.login.PublicUrls;
import io.heliograph.login.Refusal;
import io.heliograph.login.TicketState;
import io.heliograph.settings.RefusedSettingException;
import io.heliograph.support.ManualClock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.util.unit.DataSize;
import tools.jackson.databind.json.JsonMapper;

/** WeChat's callbacks: valid, forged and malformed ones (R12, R13, R21). */
class WeChatCallbackTests {

  private static final String TOKEN = "AAAAA";
  private static final String OURS = "gh_97417a04a28d";
  private static final String TICKET = "qrscene_qrscene_qrscen";
  private static final String LINK = "https://push.example.com/l/" + TICKET + "#k=token";

  private final ManualClock clock = new ManualClock(Instant.ofEpochSecond(1714112445));
  private final FakeLogins logins = new FakeLogins();
  private final MemoryIdempotencyStore claims =
      new MemoryIdempotencyStore(new IdempotencyProperties(1_000, DataSize.ofMegabytes(1)), clock);
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final AtomicInteger nonces = new AtomicInteger();
  private final WeChatCipher cipher =
      new WeChatCipher(WeChatCipherTests.KEY, WeChatCipherTests.APP, null);

  private final MockMvc safe = with(settings(WeChatCipherTests.KEY, null, null, false));
  private final MockMvc plain = with(settings(null, null, null, true));

  private static WeChatProperties.Account settings(
      @Nullable String key,
      @Nullable String previous,
      @Nullable Instant notAfter,
      boolean plaintext) {
    return new WeChatProperties.Account(
        WeChatProperties.Kind.OFFICIAL_ACCOUNT,
        OURS,
        WeChatCipherTests.APP,
        "app-secret",
        TOKEN,
        key,
        previous,
        notAfter,
        plaintext,
        URI.create("https://api.weixin.qq.com"),
        URI.create("https://open.weixin.qq.com"));
  }

  private MockMvc with(WeChatProperties.Account account) {
    return with(new WeChatAccounts(new WeChatProperties(Map.of("main", account))), Runnable::run);
  }

  private MockMvc with(WeChatAccounts accounts, Executor executor) {
    return MockMvcBuilders.standaloneSetup(
            new WeChatController(
                accounts,
                new WeChatEnvelope(new JsonMapper()),
                new WeChatEvents(logins, new PublicUrls(URI.create("https://push.example.com"))),
                claims,
                new CallbackMetrics(meters),
                clock,
                executor,
                Duration.ofMillis(200)))
        .build();
  }

  private static MockHttpServletResponse verify(MockMvc mvc, String query) throws Exception {
    return mvc.perform(get(URI.create("/callbacks/wechat/main?" + query)))
        .andReturn()
        .getResponse();
  }

  private static MockHttpServletResponse send(MockMvc mvc, String query, byte[] body)
      throws Exception {
    return mvc.perform(
            post(URI.create("/callbacks/wechat/main?" + query))
                .contentType("text/xml")
                .content(body))
        .andReturn()
        .getResponse();
  }

  private String plainQuery() {
    String time = Long.toString(clock.instant().getEpochSecond());
    String nonce = "n" + nonces.incrementAndGet();
    return "signature="
        + WeChatSignature.of(TOKEN, time, nonce)
        + "&timestamp="
        + time
        + "&nonce="
        + nonce;
  }

  private MockHttpServletResponse sendPlain(String body) throws Exception {
    return send(plain, plainQuery(), body.getBytes(StandardCharsets.UTF_8));
  }

  private MockHttpServletResponse sendSafe(MockMvc mvc, WeChatCipher with, String message)
      throws Exception {
    String encrypted = with.encrypt(new byte[16], message.getBytes(StandardCharsets.UTF_8));
    return sendEncrypted(
        mvc,
        encrypted,
        "<xml><ToUserName>x</ToUserName><Encrypt><![CDATA[" + encrypted + "]]></Encrypt></xml>");
  }

  private MockHttpServletResponse sendEncrypted(MockMvc mvc, String encrypted, String body)
      throws Exception {
    String time = Long.toString(clock.instant().getEpochSecond());
    String nonce = "n" + nonces.incrementAndGet();
    return send(
        mvc,
        "timestamp="
            + time
            + "&nonce="
            + nonce
            + "&openid=stranger&encrypt_type=aes&msg_signature="
            + WeChatSignature.of(TOKEN, time, nonce, encrypted),
        body.getBytes(StandardCharsets.UTF_8));
  }

  private static String event(String event, String key) {
    return event(OURS, "openid-1", "1714112445", event, key);
  }

  private static String event(String to, String from, String time, String event, String key) {
    return "<xml><ToUserName><![CDATA["
        + to
        + "]]></ToUserName><FromUserName><![CDATA["
        + from
        + "]]></FromUserName><CreateTime>"
        + time
        + "</CreateTime><MsgType><![CDATA[event]]></MsgType>"
        + "<Event><![CDATA["
        + event
        + "]]></Event><EventKey><![CDATA["
        + key
        + "]]></EventKey></xml>";
  }

  private static void assertSuccess(MockHttpServletResponse answer) throws Exception {
    assertThat(answer.getStatus()).isEqualTo(200);
    assertThat(answer.getContentAsString(StandardCharsets.UTF_8)).isEqualTo("success");
    assertThat(answer.getContentType()).startsWith("text/plain");
  }

  private static void assertBareStatus(MockHttpServletResponse answer, int status) {
    assertThat(answer.getStatus()).isEqualTo(status);
    assertThat(answer.getContentAsByteArray()).isEmpty();
  }

  private void expectScan() {
    logins.answer(TICKET, FakeLogins.SCANNED);
  }

  // A. Verification

  private static final String SIGNED = "f464b24fc39322e44b38aa78f5edd27bd1441696";

  private static String official(String signature) {
    return "signature="
        + signature
        + "&timestamp=1714036504&nonce=1514711492&echostr=4375120948345356249";
  }

  /** Case 1. */
  @Test
  void theOfficialVerificationVectorIsAnsweredExactly() throws Exception {
    clock.set(Instant.ofEpochSecond(1714036504));
    MockHttpServletResponse answer = verify(safe, official(SIGNED));
    assertThat(answer.getStatus()).isEqualTo(200);
    assertThat(answer.getContentAsByteArray())
        .isEqualTo("4375120948345356249".getBytes(StandardCharsets.US_ASCII));
    assertThat(answer.getContentType()).isEqualTo("text/plain");
  }

  /** Cases 2 and 3. */
  @Test
  void wrongSignaturesAreRefused() throws Exception {
    clock.set(Instant.ofEpochSecond(1714036504));
    assertBareStatus(verify(safe, official(SIGNED.replaceAll("6$", "7"))), 403);
    assertBareStatus(verify(safe, official(SIGNED.toUpperCase(java.util.Locale.ROOT))), 403);
    assertBareStatus(verify(safe, official(SIGNED.substring(1))), 400);
  }

  /** Case 4, R13. */
  @ParameterizedTest
  @CsvSource({"-301,403", "-300,200", "300,200", "301,403"})
  void timestampsMayDifferByFiveMinutes(int seconds, int status) throws Exception {
    clock.set(Instant.ofEpochSecond(1714036504 + seconds));
    assertThat(verify(safe, official(SIGNED)).getStatus()).isEqualTo(status);
  }

  /** Case 6. */
  @Test
  void parametersSplitDifferentlyAreRefusedThoughTheSignatureMatches() throws Exception {
    clock.set(Instant.ofEpochSecond(1714037059));
    String signature = WeChatSignature.of(TOKEN, "1714037059", "486452656");
    assertThat(WeChatSignature.of(TOKEN, "17140370594", "86452656")).isEqualTo(signature);
    String tail = "&echostr=1&signature=" + signature;
    assertBareStatus(verify(safe, "timestamp=17140370594&nonce=86452656" + tail), 400);
    String swapped = WeChatSignature.of(TOKEN, "1714037059", "1514711492");
    assertBareStatus(
        verify(safe, "timestamp=1514711492&nonce=1714037059&echostr=1&signature=" + swapped), 403);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Case 7.
        "&signature=" + SIGNED,
        "&timestamp=1714036504",
        "&nonce=1",
        "&echostr=1",
        "&openid=a&openid=b"
      })
  void duplicateParametersAreRefused(String more) throws Exception {
    clock.set(Instant.ofEpochSecond(1714036504));
    assertBareStatus(verify(safe, official(SIGNED) + more), 400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Case 7.
        "signature=" + SIGNED,
        "&timestamp=1714036504",
        "&nonce=1514711492",
        "&echostr=4375120948345356249"
      })
  void missingParametersAreRefused(String missing) throws Exception {
    clock.set(Instant.ofEpochSecond(1714036504));
    assertBareStatus(verify(safe, official(SIGNED).replace(missing, "")), 400);
  }

  /** Case 7. */
  @ParameterizedTest
  @CsvSource(
      value = {"''", "'  '", "ab", "has space", "null"},
      nullValues = "null")
  void aMissingOrInvalidTokenStopsTheStart(@Nullable String token) {
    WeChatProperties.Account account =
        new WeChatProperties.Account(
            WeChatProperties.Kind.OFFICIAL_ACCOUNT,
            OURS,
            WeChatCipherTests.APP,
            "app-secret",
            token,
            WeChatCipherTests.KEY,
            null,
            null,
            false,
            URI.create("https://a"),
            URI.create("https://b"));
    assertThatThrownBy(() -> with(account))
        .isInstanceOf(RefusedSettingException.class)
        .hasMessageStartingWith("heliograph.wechat.accounts.main.token");
  }

  /** Case 8. */
  @Test
  void markupIsNotReflected() throws Exception {
    clock.set(Instant.ofEpochSecond(1714036504));
    for (String echo :
        List.of("%3Cscript%3E", "a%26b", "%22", "a%20b", "a+b", "%0d%0a", "%C3%A9")) {
      assertBareStatus(verify(safe, official(SIGNED).replace("4375120948345356249", echo)), 400);
    }
  }

  private static final String VECTOR =
      "signature=6c5c811b55cc85e0e1b54100749188c20beb3f5d&timestamp=1714112445&nonce=415670741&openid=o9AgO5Kd5ggOC-bXrbNODIiE3bGY&encrypt_type=aes&msg_signature=046e02f8204d34f8ba5fa3b1db94908f3df2e9b3";

  private static byte[] vectorBody(String encrypted) {
    return ("{\"ToUserName\":\"gh_97417a04a28d\",\"Encrypt\":\"" + encrypted + "\"}")
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Case 9. */
  @Test
  void theOfficialEncryptedVectorIsAccepted() throws Exception {
    assertSuccess(send(safe, VECTOR, vectorBody(WeChatCipherTests.ENCRYPTED)));
  }

  /** Cases 10 and 11, R12. */
  @Test
  void nothingIsDecryptedBeforeTheSignatureIsVerified() throws Exception {
    AtomicInteger touched = new AtomicInteger();
    WeChatCipher watched =
        new WeChatCipher(WeChatCipherTests.KEY, WeChatCipherTests.APP, null) {
          @Override
          Optional<byte[]> decrypt(String encrypted) {
            touched.incrementAndGet();
            return super.decrypt(encrypted);
          }
        };
    WeChatAccount account =
        new WeChatAccount(
            "main",
            WeChatProperties.Kind.OFFICIAL_ACCOUNT,
            OURS,
            WeChatCipherTests.APP,
            "s",
            TOKEN,
            List.of(watched),
            URI.create("https://a"),
            URI.create("https://b"));
    WeChatEnvelope envelope = new WeChatEnvelope(new JsonMapper());
    WeChatQuery query = WeChatQuery.parse(VECTOR);
    envelope.open(account, query, vectorBody(WeChatCipherTests.ENCRYPTED), clock.instant());
    assertThat(touched).hasValue(1);

    byte[] changed = vectorBody(WeChatCipherTests.ENCRYPTED.replace("+qdx", "+qdy"));
    assertThatThrownBy(() -> envelope.open(account, query, changed, clock.instant()))
        .isInstanceOfSatisfying(WeChatRefusal.class, e -> assertThat(e.status()).isEqualTo(403));
    assertThat(touched).hasValue(1);
    assertBareStatus(send(safe, VECTOR, changed), 403);
    assertBareStatus(
        send(
            safe,
            VECTOR.replaceAll("&msg_signature=.*", ""),
            vectorBody(WeChatCipherTests.ENCRYPTED)),
        403);
  }

  /** Case 12. */
  @Test
  void messagesForAnotherAppAreRefused() throws Exception {
    WeChatCipher other = new WeChatCipher(WeChatCipherTests.KEY, "wx0000000000000000", null);
    assertBareStatus(sendSafe(safe, other, event("SCAN", TICKET)), 403);
  }

  /** Case 13, R12. */
  @Test
  void plaintextIsRefusedIfAKeyIsConfigured() throws Exception {
    expectScan();
    assertBareStatus(
        send(safe, plainQuery(), event("SCAN", TICKET).getBytes(StandardCharsets.UTF_8)), 403);
    MockMvc both = with(settings(WeChatCipherTests.KEY, null, null, true));
    assertBareStatus(
        send(both, plainQuery(), event("SCAN", TICKET).getBytes(StandardCharsets.UTF_8)), 403);
    assertBareStatus(sendSafe(plain, cipher, event("SCAN", TICKET)), 403);
    assertThat(logins.applied).isEmpty();
  }

  /** Case 13. */
  @Test
  void withoutAKeyPlaintextMustBeAllowedExplicitly() {
    assertThatThrownBy(() -> with(settings(null, null, null, false)))
        .isInstanceOf(RefusedSettingException.class)
        .hasMessageContaining("heliograph.wechat.accounts.main.encoding-aes-key");
  }

  /** Case 17. */
  @Test
  void anInvalidKeyStopsTheStart() {
    assertThatThrownBy(() -> with(settings("*".repeat(43), null, null, false)))
        .isInstanceOf(RefusedSettingException.class)
        .hasMessageContaining("heliograph.wechat.accounts.main.encoding-aes-key")
        .hasMessageNotContaining("***");
  }

  /** Case 18. */
  @Test
  void duringARotationTheOldKeyDecryptsAndEncryptsTheAnswer() throws Exception {
    expectScan();
    String next = "B".repeat(42) + "A";
    Instant end = clock.instant().plusSeconds(60);
    MockMvc rotating = with(settings(next, WeChatCipherTests.KEY, end, false));
    String answer = sendSafe(rotating, cipher, event("SCAN", TICKET)).getContentAsString();
    String encrypted =
        WeChatBody.parse(new JsonMapper(), answer.getBytes(StandardCharsets.UTF_8))
            .get("Encrypt", "");
    assertThat(
            cipher.decrypt(encrypted).map(b -> new String(b, StandardCharsets.UTF_8)).orElseThrow())
        .contains(LINK);
    clock.set(end);
    assertBareStatus(sendSafe(rotating, cipher, event("SCAN", TICKET)), 403);
  }

  /** Case 20. */
  @Test
  void whitespaceAroundTheCiphertextIsAccepted() throws Exception {
    expectScan();
    String encrypted =
        cipher.encrypt(new byte[16], event("SCAN", TICKET).getBytes(StandardCharsets.UTF_8));
    String broken = "\n  " + encrypted.substring(0, 20) + "\r\n" + encrypted.substring(20) + " \n";
    assertThat(
            sendEncrypted(safe, encrypted, "<xml><Encrypt>" + broken + "</Encrypt></xml>")
                .getStatus())
        .isEqualTo(200);
    assertThat(logins.applied).hasSize(1);
  }

  @Test
  void inCompatibleModeOnlyTheEncryptedPartIsUsed() throws Exception {
    expectScan();
    String encrypted =
        cipher.encrypt(new byte[16], event("unsubscribe", "").getBytes(StandardCharsets.UTF_8));
    assertSuccess(
        sendEncrypted(
            safe,
            encrypted,
            event("SCAN", TICKET).replace("</xml>", "<Encrypt>" + encrypted + "</Encrypt></xml>")));
    assertThat(logins.applied).isEmpty();
  }

  /** Otherwise WeChat would repeat the event. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "<xml><Content><![CDATA[a\bb]]></Content></xml>",
        "<xml><Content>\u0002</Content></xml>",
        "<xml><Content><![CDATA[\ufffe]]></Content></xml>",
        "<xml><Event>SCAN</Event><Event>SCAN</Event></xml>",
        "<xml><a>1</xml>",
        "<!DOCTYPE xml [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><xml><Event>&x;</Event></xml>",
        "{\"a\":",
        "hello",
        ""
      })
  void authenticUnreadableEventsAreAnsweredWithSuccess(String message) throws Exception {
    expectScan();
    assertSuccess(sendSafe(safe, cipher, message));
    assertThat(logins.applied).isEmpty();
    assertThat(
            meters
                .get("heliograph.callbacks")
                .tags("source", "wechat-main", "outcome", "unreadable")
                .counter()
                .count())
        .isEqualTo(1);
  }

  /** In compatible mode the body also contains the user's text. */
  @Test
  void theEncryptedPartIsFoundNextToUnreadableText() throws Exception {
    expectScan();
    String encrypted =
        cipher.encrypt(new byte[16], event("SCAN", TICKET).getBytes(StandardCharsets.UTF_8));
    String beside =
        "<xml><Content><![CDATA[a\bb]]></Content><Encrypt><![CDATA[%s]]></Encrypt></xml>";
    assertThat(sendEncrypted(safe, encrypted, beside.formatted(encrypted)).getStatus())
        .isEqualTo(200);
    assertThat(logins.applied).hasSize(1);
    String other = cipher.encrypt(new byte[16], new byte[0]);
    assertBareStatus(sendEncrypted(safe, encrypted, beside.formatted(other)), 403);
    assertBareStatus(sendEncrypted(safe, encrypted, "<xml><Content>\b</Content></xml>"), 400);
  }

  /** Case 22. */
  @Test
  void jsonIsHandledLikeXml() throws Exception {
    expectScan();
    MockHttpServletResponse answer =
        sendPlain(
            "{\"ToUserName\":\""
                + OURS
                + "\",\"FromUserName\":\"openid-1\",\"CreateTime\":1714112445,"
                + "\"MsgType\":\"event\",\"Event\":\"SCAN\",\"EventKey\":\""
                + TICKET
                + "\"}");
    assertThat(answer.getContentType()).isEqualTo("application/json");
    assertThat(new JsonMapper().readTree(answer.getContentAsByteArray()).path("Content").asString())
        .endsWith(LINK);
    assertThat(logins.applied).containsExactly("scanned " + TICKET + " openid-1 wechat-oa");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // R21.
        "<!DOCTYPE xml [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><xml><Event>&x;</Event></xml>",
        "<!DOCTYPE xml SYSTEM \"http://127.0.0.1:1/x.dtd\"><xml><a>1</a></xml>",
        "<!DOCTYPE z [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b"
            + " \"&a;&a;&a;&a;&a;&a;\">]><xml><a>&b;</a></xml>",
        "<xml><a>&unknown;</a></xml>",
        "<xml><a>1</a><a>2</a></xml>",
        "<xml><a>1</xml>",
        "<xml>",
        "",
        "{\"a\":",
        "[]",
        "hello"
      })
  void bodiesThatAreNeitherXmlNorJsonAreRefused(String body) throws Exception {
    assertBareStatus(sendPlain(body), 400);
  }

  /** R21. */
  @Test
  void depthFieldsAndSizeAreBounded() throws Exception {
    assertBareStatus(sendPlain("<a>".repeat(5_000) + "</a>".repeat(5_000)), 400);
    StringBuilder many = new StringBuilder("<xml>");
    IntStream.range(0, 200)
        .forEach(i -> many.append("<f").append(i).append(">1</f").append(i).append('>'));
    assertBareStatus(sendPlain(many.append("</xml>").toString()), 400);
    assertBareStatus(sendPlain("<xml><a>" + "x".repeat(64 * 1024) + "</a></xml>"), 413);
  }

  @Test
  void anUnknownAccountIsAnsweredWith404() throws Exception {
    assertThat(
            plain
                .perform(post("/callbacks/wechat/other").content("x"))
                .andReturn()
                .getResponse()
                .getStatus())
        .isEqualTo(404);
  }

  // B. Events

  /** Case 23. */
  @Test
  void aScanIsAppliedAndAnsweredWithTheConfirmLink() throws Exception {
    expectScan();
    MockHttpServletResponse answer = sendSafe(safe, cipher, event("SCAN", TICKET));
    assertThat(answer.getContentType()).startsWith("text/xml");
    WeChatBody outer = WeChatBody.parse(new JsonMapper(), answer.getContentAsByteArray());
    String encrypted = outer.get("Encrypt", "");
    assertThat(outer.get("MsgSignature"))
        .isEqualTo(
            WeChatSignature.of(
                TOKEN, outer.get("TimeStamp", ""), outer.get("Nonce", ""), encrypted));
    WeChatBody reply = WeChatBody.parse(new JsonMapper(), cipher.decrypt(encrypted).orElseThrow());
    assertThat(reply.get("ToUserName")).isEqualTo("openid-1");
    assertThat(reply.get("FromUserName")).isEqualTo(OURS);
    assertThat(reply.get("MsgType")).isEqualTo("text");
    assertThat(reply.get("Content")).endsWith(LINK);
    assertThat(logins.applied).containsExactly("scanned " + TICKET + " openid-1 wechat-oa");
  }

  /** Cases 24 and 25. */
  @Test
  void theScenePrefixOfNewFollowersIsRemovedOnce() throws Exception {
    expectScan();
    assertThat(
            sendPlain(event("Subscribe", "qrscene_" + TICKET))
                .getContentAsString(StandardCharsets.UTF_8))
        .contains(LINK);
    assertThat(logins.applied).containsExactly("scanned " + TICKET + " openid-1 wechat-oa");
    assertSuccess(sendPlain(event("subscribe", "")));
    assertSuccess(sendPlain(event("subscribe", TICKET)));
    assertThat(logins.applied).hasSize(1);
  }

  /** Case 26. */
  @ParameterizedTest
  @CsvSource({
    "SCAN,AAAAAAAAAAAAAAAAAAAAAA",
    "SCAN,0",
    "subscribe,qrscene_0",
    "SCAN,12345",
    "SCAN,poster",
    "unsubscribe,''",
    "CLICK,menu",
    "TEMPLATESENDJOBFINISH,''"
  })
  void unrelatedEventsAreAnsweredWithSuccess(String event, String key) throws Exception {
    assertSuccess(sendPlain(event(event, key)));
    assertThat(logins.applied).isEmpty();
    assertThat(meters.find("heliograph.callbacks").tag("source", "wechat-main").counters())
        .isNotEmpty();
  }

  @Test
  void textMessagesAreAnsweredWithSuccess() throws Exception {
    assertSuccess(
        sendPlain(
            "<xml><ToUserName>"
                + OURS
                + "</ToUserName><FromUserName>o</FromUserName><CreateTime>1</CreateTime>"
                + "<MsgType>text</MsgType><Content>SCAN</Content><MsgId>1</MsgId></xml>"));
  }

  /** Case 27, R13. */
  @Test
  void aRepeatedEventGetsTheSameAnswer() throws Exception {
    expectScan();
    byte[] first = sendSafe(safe, cipher, event("SCAN", TICKET)).getContentAsByteArray();
    for (int i = 0; i < 2; i++) {
      clock.advance(Duration.ofSeconds(5));
      assertThat(sendSafe(safe, cipher, event("SCAN", TICKET)).getContentAsByteArray())
          .isEqualTo(first);
    }
    assertThat(logins.applied).hasSize(1);
  }

  /** Case 28. */
  @Test
  void concurrentRepetitionsHaveOneEffect() throws Exception {
    expectScan();
    for (int round = 0; round < 200; round++) {
      String body = event(OURS, "openid-1", Integer.toString(round), "SCAN", TICKET);
      logins.applied.clear();
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Callable<Integer>> calls =
            IntStream.range(0, 3)
                .<Callable<Integer>>mapToObj(i -> () -> sendPlain(body).getStatus())
                .toList();
        assertThat(threads.invokeAll(calls).stream().map(Future::resultNow)).containsOnly(200);
      }
      assertThat(logins.applied).hasSize(1);
    }
  }

  /** Case 29. */
  @Test
  void afterAFailureWeChatsRetrySucceeds() throws Exception {
    expectScan();
    logins.before(
        () -> {
          throw new IllegalStateException("store down");
        });
    assertBareStatus(sendPlain(event("SCAN", TICKET)), 503);
    logins.before(() -> {});
    assertThat(sendPlain(event("SCAN", TICKET)).getContentAsString(StandardCharsets.UTF_8))
        .contains(LINK);
    assertThat(logins.applied).hasSize(1);
  }

  /** Case 30. */
  @Test
  void afterTheIdIsForgottenTheTicketsStateDecides() throws Exception {
    expectScan();
    sendPlain(event("SCAN", TICKET));
    clock.advance(Duration.ofMinutes(10));
    logins.answer(TICKET, new LoginOutcome.Refused(Refusal.GONE, TicketState.EXPIRED, 0));
    MockHttpServletResponse answer = sendPlain(event("SCAN", TICKET));
    assertThat(answer.getStatus()).isEqualTo(200);
    assertThat(answer.getContentAsString(StandardCharsets.UTF_8)).contains("二维码已失效，请刷新");
    assertThat(logins.applied).hasSize(1);
  }

  /** Case 31. */
  @Test
  void twoCodesScannedInOneSecondAreTwoEvents() throws Exception {
    expectScan();
    String other = "B".repeat(22);
    logins.answer(other, FakeLogins.DONE);
    sendPlain(event("SCAN", TICKET));
    assertSuccess(sendPlain(event("SCAN", other)));
    assertThat(logins.applied).hasSize(2);
  }

  /** Case 32, R12. */
  @Test
  void eventsOfOtherAccountsAndTheUnsignedOpenidAreIgnored() throws Exception {
    expectScan();
    assertSuccess(sendPlain(event("gh_other", "openid-1", "1714112445", "SCAN", TICKET)));
    assertThat(logins.applied).isEmpty();
    send(
        plain,
        plainQuery() + "&openid=mallory",
        event("SCAN", TICKET).getBytes(StandardCharsets.UTF_8));
    assertThat(logins.applied).containsExactly("scanned " + TICKET + " openid-1 wechat-oa");
  }

  /** Case 34. */
  @Test
  void slowProcessingIsAnsweredInTimeAndContinues() throws Exception {
    expectScan();
    CountDownLatch slow = new CountDownLatch(1);
    logins.before(
        () -> {
          try {
            slow.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      MockMvc mvc =
          with(
              new WeChatAccounts(
                  new WeChatProperties(Map.of("main", settings(null, null, null, true)))),
              threads);
      try {
        assertSuccess(
            send(mvc, plainQuery(), event("SCAN", TICKET).getBytes(StandardCharsets.UTF_8)));
        assertThat(logins.applied).isEmpty();
        assertSuccess(
            send(mvc, plainQuery(), event("SCAN", TICKET).getBytes(StandardCharsets.UTF_8)));
      } finally {
        slow.countDown();
      }
    }
    assertThat(logins.applied).hasSize(1);
    assertThat(sendPlain(event("SCAN", TICKET)).getContentAsString(StandardCharsets.UTF_8))
        .contains(LINK);
  }

  /** Case 35. */
  @Test
  void weChatsCodeReferenceIsPassedOn() throws Exception {
    String body = event("SCAN", TICKET).replace("</xml>", "<Ticket>gQH47joAAAA</Ticket></xml>");
    assertThat(
            WeChatEvents.scan(
                WeChatBody.parse(new JsonMapper(), body.getBytes(StandardCharsets.UTF_8))))
        .hasValueSatisfying(scan -> assertThat(scan.reference()).isEqualTo("gQH47joAAAA"));
    logins.answer(TICKET, new LoginOutcome.Refused(Refusal.UNKNOWN, null, 0));
    assertSuccess(sendPlain(body));
  }

  /** R13. */
  @Test
  void inPlaintextModeANonceWithAnotherBodyIsRefused() throws Exception {
    expectScan();
    String query = plainQuery();
    byte[] body = event("SCAN", TICKET).getBytes(StandardCharsets.UTF_8);
    assertThat(send(plain, query, body).getStatus()).isEqualTo(200);
    assertThat(send(plain, query, body).getStatus()).isEqualTo(200);
    byte[] forged =
        event(OURS, "mallory", "1714112446", "SCAN", TICKET).getBytes(StandardCharsets.UTF_8);
    assertBareStatus(send(plain, query, forged), 403);
    assertThat(logins.applied).containsExactly("scanned " + TICKET + " openid-1 wechat-oa");
  }

  @Test
  void aReplyCannotEscapeItsCdataSection() {
    String xml = new WeChatReply(false, new JsonMapper()).text("a]]><b>", "c", 1, "x]]>y");
    WeChatBody read = WeChatBody.parse(new JsonMapper(), xml.getBytes(StandardCharsets.UTF_8));
    assertThat(read.get("ToUserName")).isEqualTo("a]]><b>");
    assertThat(read.get("Content")).isEqualTo("x]]>y");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://10.0.0.1", "http://169.254.169.254/", "file:///etc/passwd", "gopher://x",
            "https://user@host",
        "https://host?x=1", "http://0x7f.1", "http://localhost.evil.example", "ftp://localhost",
            "https:/x"
      })
  void theApiAddressMustBeHttpsOrLoopback(String address) {
    WeChatProperties.Account account =
        new WeChatProperties.Account(
            WeChatProperties.Kind.OPEN_PLATFORM,
            null,
            WeChatCipherTests.APP,
            "app-secret",
            null,
            null,
            null,
            null,
            false,
            URI.create(address),
            URI.create("https://b"));
    assertThatThrownBy(() -> with(account))
        .isInstanceOf(RefusedSettingException.class)
        .hasMessageContaining("api-base-url");
  }

  @Test
  void textFormsOfSettingsContainNoSecret() {
    assertThat(settings(WeChatCipherTests.KEY, null, null, false).toString())
        .doesNotContain("app-secret", WeChatCipherTests.KEY);
  }
}

package io.heliograph.login.wechat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.support.LogScan;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Both WeChat logins from the first call to the redeemed grant, over HTTP. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "management.server.port=0",
      "heliograph.security.api-key=" + WeChatEndToEndTests.KEY,
      "heliograph.login.public-base-url=https://push.example.com",
      "heliograph.login.limits.per-address=1000"
    })
class WeChatEndToEndTests {

  static final String KEY = "a-key-of-the-backend-for-wechat-0123456789";
  private static final String TOKEN = "wechatTokenOfEndToEnd7319";
  private static final String AES_KEY = "EndToEnd7319abcdefghijklmnopqrstuvwxyz01234";
  private static final String APP_SECRET = "app-secret-of-end-to-end-7319";
  private static final String APP = "wx0123456789abcdef";
  private static final String OURS = "gh_0123456789ab";
  private static final String VERIFIER = "verifier-of-a-wechat-login-0123456789-abcde";
  private static final Pattern ENCRYPTED = Pattern.compile("<Encrypt><!\\[CDATA\\[(.*?)]]>");
  private static final Pattern LINK =
      Pattern.compile("https://push\\.example\\.com/l/([A-Za-z0-9_-]{22})#k=([A-Za-z0-9_-]{43})");

  private static final FakeWeChat WECHAT = new FakeWeChat();
  private static final JsonMapper JSON = new JsonMapper();
  private static final AtomicInteger NONCES = new AtomicInteger();

  @DynamicPropertySource
  static void accounts(DynamicPropertyRegistry properties) {
    String chat = "heliograph.wechat.accounts.chat.";
    properties.add(chat + "kind", () -> "official-account");
    properties.add(chat + "original-id", () -> OURS);
    properties.add(chat + "app-id", () -> APP);
    properties.add(chat + "app-secret", () -> LogScan.secret(APP_SECRET));
    properties.add(chat + "token", () -> LogScan.secret(TOKEN));
    properties.add(chat + "encoding-aes-key", () -> LogScan.secret(AES_KEY));
    properties.add(chat + "api-base-url", WECHAT::address);
    String site = "heliograph.wechat.accounts.site.";
    properties.add(site + "kind", () -> "open-platform");
    properties.add(site + "app-id", () -> "wxfedcba9876543210");
    properties.add(site + "app-secret", () -> APP_SECRET);
    properties.add(site + "api-base-url", WECHAT::address);
  }

  @AfterAll
  static void end() {
    WECHAT.close();
  }

  @LocalServerPort int port;
  private final HttpClient http = HttpClient.newHttpClient();
  private final WeChatCipher cipher = new WeChatCipher(AES_KEY, APP, null);

  @BeforeEach
  void secrets() {
    LogScan.secret(KEY);
    LogScan.secret(VERIFIER);
  }

  private HttpResponse<String> send(
      String method, String path, @Nullable String body, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private JsonNode post(int status, String path, String body, String... headers) throws Exception {
    String[] all = java.util.Arrays.copyOf(headers, headers.length + 2);
    all[headers.length] = "Content-Type";
    all[headers.length + 1] = "application/json";
    HttpResponse<String> answer = send("POST", path, body, all);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    return JSON.readTree(answer.body());
  }

  /** A browser's open login. */
  private record Login(JsonNode body, String cookie) {
    String ticket() {
      return body.path("ticket").asString();
    }

    String bearer() {
      return "Bearer " + body.path("watchToken").asString();
    }
  }

  private Login begin(String provider) throws Exception {
    byte[] digest =
        MessageDigest.getInstance("SHA-256").digest(VERIFIER.getBytes(StandardCharsets.US_ASCII));
    HttpResponse<String> answer =
        send(
            "POST",
            "/v1/logins",
            "{\"provider\":\"%s\",\"challenge\":\"%s\"}"
                .formatted(
                    provider, Base64.getUrlEncoder().withoutPadding().encodeToString(digest)),
            "Content-Type",
            "application/json",
            "Sec-Fetch-Site",
            "same-origin");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    String cookie = setCookie(answer, "__Host-qrb");
    JsonNode body = JSON.readTree(answer.body());
    LogScan.secret(body.path("watchToken").asString());
    return new Login(body, cookie);
  }

  private static String setCookie(HttpResponse<?> answer, String name) {
    return answer.headers().allValues("Set-Cookie").stream()
        .filter(c -> c.startsWith(name + "="))
        .map(c -> c.substring(name.length() + 1, c.indexOf(';')))
        .map(LogScan::secret)
        .findFirst()
        .orElseThrow();
  }

  private String state(Login login) throws Exception {
    HttpResponse<String> answer =
        send("GET", "/v1/logins/" + login.ticket(), null, "Authorization", login.bearer());
    return JSON.readTree(answer.body()).path("state").asString();
  }

  /** A scan event in safe mode: encrypted, with a signature over the ciphertext. */
  private HttpResponse<String> scanEvent(String openid, String ticket, String code)
      throws Exception {
    String time = Long.toString(Instant.now().getEpochSecond());
    String nonce = "e2e" + NONCES.incrementAndGet();
    String event =
        "<xml><ToUserName>%s</ToUserName><FromUserName>%s</FromUserName><CreateTime>%s</CreateTime><MsgType>event</MsgType><Event>SCAN</Event><EventKey>%s</EventKey><Ticket>%s</Ticket></xml>"
            .formatted(OURS, openid, time, ticket, code);
    String encrypted = cipher.encrypt(new byte[16], event.getBytes(StandardCharsets.UTF_8));
    return send(
        "POST",
        "/callbacks/wechat/chat?timestamp=%s&nonce=%s&openid=x&encrypt_type=aes&msg_signature=%s"
            .formatted(time, nonce, WeChatSignature.of(TOKEN, time, nonce, encrypted)),
        "<xml><ToUserName>" + OURS + "</ToUserName><Encrypt>" + encrypted + "</Encrypt></xml>",
        "Content-Type",
        "text/xml");
  }

  private String decrypted(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).isEqualTo(200);
    Matcher found = ENCRYPTED.matcher(answer.body());
    assertThat(found.find()).as(answer.body()).isTrue();
    Optional<byte[]> plain = cipher.decrypt(found.group(1));
    return new String(plain.orElseThrow(), StandardCharsets.UTF_8);
  }

  private JsonNode collect(Login login) throws Exception {
    JsonNode collected =
        post(
            200,
            "/v1/logins/" + login.ticket() + "/exchange",
            "{\"verifier\":\"" + VERIFIER + "\"}",
            "Authorization",
            login.bearer(),
            "Cookie",
            "__Host-qrb=" + login.cookie());
    String grant = LogScan.secret(collected.path("grantCode").asString());
    return post(
        200,
        "/v1/grants/redeem",
        "{\"grantCode\":\"" + grant + "\"}",
        "Authorization",
        "Bearer " + KEY);
  }

  @Test
  void aScanInWeChatLeadsThroughTheConfirmPageToAGrant() throws Exception {
    Login login = begin("wechat-oa");
    String ticket = login.ticket();
    // The code was created by WeChat for the ticket.
    assertThat(login.body().path("qr").path("content").asString())
        .isEqualTo("http://weixin.qq.com/q/abc");
    JsonNode order = JSON.readTree(WECHAT.orders.getLast());
    assertThat(order.path("action_info").path("scene").path("scene_str").asString())
        .isEqualTo(ticket);
    assertThat(order.path("expire_seconds").asInt()).isEqualTo(180);

    String reply = decrypted(scanEvent("openid-chat", ticket, "gQ" + WECHAT.codesMade.get()));
    Matcher link = LINK.matcher(reply);
    assertThat(link.find()).as("a confirm link in the chat").isTrue();
    assertThat(link.group(1)).isEqualTo(ticket);
    String phone = LogScan.secret(link.group(2));
    assertThat(state(login)).isEqualTo("SCANNED");

    String token = "{\"phoneToken\":\"" + phone + "\"";
    JsonNode seen = post(200, "/v1/logins/" + ticket + "/scan", token + "}");
    assertThat(seen.path("site").asString()).isEqualTo("push.example.com");
    int shown = login.body().path("matchCode").asInt();
    assertThat(seen.path("choices")).hasSize(3).anyMatch(choice -> choice.asInt() == shown);
    int wrong = shown == 99 ? 10 : shown + 1;
    JsonNode refused =
        post(403, "/v1/logins/" + ticket + "/confirm", token + ",\"matchCode\":" + wrong + "}");
    assertThat(refused.path("attemptsLeft").asInt()).isEqualTo(2);
    post(200, "/v1/logins/" + ticket + "/confirm", token + ",\"matchCode\":" + shown + "}");
    assertThat(state(login)).isEqualTo("CONFIRMED");

    JsonNode who = collect(login);
    assertThat(who.path("subject").asString()).isEqualTo("openid-chat");
    assertThat(who.path("provider").asString()).isEqualTo("wechat-oa");
    assertThat(who.path("policy").asString()).isEqualToIgnoringCase("EXPLICIT");

    // R20: a chat message has the link to disown the login.
    await().until(() -> !WECHAT.messages.isEmpty());
    JsonNode message = WECHAT.messages.getLast();
    assertThat(message.path("touser").asString()).isEqualTo("openid-chat");
    assertThat(message.path("msgtype").asString()).isEqualTo("text");
    Matcher notMe = LINK.matcher(message.at("/text/content").asString());
    assertThat(notMe.find()).isTrue();
    assertThat(notMe.group()).isEqualTo(who.path("notMe").asString());
    HttpResponse<String> report =
        send(
            "POST",
            "/v1/logins/" + notMe.group(1) + "/deny",
            "{\"phoneToken\":\"" + notMe.group(2) + "\",\"report\":true}",
            "Content-Type",
            "application/json");
    assertThat(report.statusCode()).isEqualTo(204);
  }

  /** Case 35, R12. */
  @Test
  void anEventWithAnotherCodeReferenceHasNoEffect() throws Exception {
    Login login = begin("wechat-oa");
    HttpResponse<String> answer = scanEvent("openid-other", login.ticket(), "gQ-of-another");
    assertThat(answer.body()).isEqualTo("success");
    assertThat(state(login)).isEqualTo("ISSUED");
  }

  /** Case 83, as seen by the page. */
  @Test
  void withoutWeChatNoCodeIsCreated() throws Exception {
    WECHAT.behaviour = FakeWeChat.Behaviour.FAULTY;
    try {
      HttpResponse<String> answer =
          send(
              "POST",
              "/v1/logins",
              "{\"provider\":\"wechat-oa\",\"challenge\":\"" + "c".repeat(43) + "\"}",
              "Content-Type",
              "application/json");
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.body()).contains("/problems/provider-unavailable");
      assertThat(answer.headers().firstValue("Retry-After")).isPresent();
    } finally {
      WECHAT.behaviour = FakeWeChat.Behaviour.WELL;
    }
  }

  @Test
  void aWebsiteLoginIsConfirmedByTheReturningBrowser() throws Exception {
    Login login = begin("wechat-open");
    String content = login.body().path("qr").path("content").asString();
    assertThat(content)
        .isEqualTo("https://push.example.com/login/wechat/start?ticket=" + login.ticket());
    HttpResponse<String> away =
        send(
            "GET",
            content.substring("https://push.example.com".length()),
            null,
            "Cookie",
            "__Host-qrb=" + login.cookie());
    assertThat(away.statusCode()).isEqualTo(302);
    String location = away.headers().firstValue("Location").orElseThrow();
    assertThat(URLDecoder.decode(location, StandardCharsets.UTF_8))
        .contains("redirect_uri=https://push.example.com/login/wechat/callback");
    String state = LogScan.secret(location.replaceAll(".*&state=([A-Za-z0-9_-]{43})#.*", "$1"));
    String returning = setCookie(away, "__Host-qrw");
    String back = "/login/wechat/callback?code=good-e2e&state=" + state;

    // R11: a browser without the cookie of the redirect is refused.
    assertThat(send("GET", back, null).statusCode()).isEqualTo(403);
    assertThat(state(login)).isEqualTo("ISSUED");
    assertThat(send("GET", back, null, "Cookie", "__Host-qrw=" + returning).statusCode())
        .isEqualTo(200);
    assertThat(state(login)).isEqualTo("CONFIRMED");

    JsonNode who = collect(login);
    assertThat(who.path("subject").asString()).isEqualTo("union-1");
    assertThat(who.path("provider").asString()).isEqualTo("wechat-open");
  }
}

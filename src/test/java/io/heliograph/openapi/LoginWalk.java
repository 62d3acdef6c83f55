package io.heliograph.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import com.standardwebhooks.Webhook;
import io.heliograph.openapi.Caller.Answer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Logs in as a browser, a phone, a backend and WeChat do, for what is answered on the way. */
record LoginWalk(Caller caller) {

  static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  static final String WECHAT_TOKEN = "AAAAA";

  private static final String LOGIN = "/v1/logins/{ticket}";
  private static final String VERIFIER = "V".repeat(43);

  void logIn() throws Exception {
    Answer first = create("app");
    call("GET", LOGIN, "", null, first);
    call("GET", LOGIN, "?after=1&wait=1", null, first);
    call("GET", LOGIN, "?wait=99", null, first);
    call("GET", LOGIN + "/image.svg", "", null, first);
    call("GET", LOGIN + "/image.png", "?scale=2", null, first);
    call("GET", LOGIN + "/image.png", "?scale=17", null, first);
    caller.send("GET", "/l/{ticket}", "", null, Map.of("ticket", first.text("ticket")));
    caller.send("GET", "/login", "", null, Map.of());
    caller.send("GET", "/v1/logins/demonstration", "", null, Map.of());

    Answer login =
        call("POST", LOGIN + "/refresh", "", "{\"challenge\":\"" + challenge() + "\"}", first);
    call("GET", LOGIN, "", null, first);
    say("confirm", "{\"subject\":\"alice\"}", login);
    say("scan", "{\"subject\":\"alice\"}", login);
    say("scan", "{\"subject\":\"mallory\"}", login);
    collect(login);
    say(
        "confirm",
        "{\"subject\":\"alice\",\"matchCode\":" + login.body().path("matchCode").asInt() + "}",
        login);
    String grant = "{\"grantCode\":\"" + collect(login).text("grantCode") + "\"}";
    Answer redeemed = redeem(grant);
    assertThat(redeemed.text("subject")).isEqualTo("alice");
    redeem(grant);
    collect(login);
  }

  void giveUp() throws Exception {
    Answer denied = create("app");
    say("scan", "{\"subject\":\"alice\"}", denied);
    say("deny", "{\"subject\":\"alice\"}", denied);
    Answer cancelled = create("app");
    call("DELETE", LOGIN, "", null, cancelled);
    caller.send("DELETE", LOGIN, "", null, Map.of("ticket", cancelled.text("ticket")));
    caller.send(
        "POST",
        LOGIN + "/deny",
        "",
        "{}",
        Map.of("ticket", cancelled.text("ticket")),
        "Content-Type",
        "application/json");
  }

  void takeCallbacks() throws Exception {
    Instant now = Instant.now();
    String body =
        "{\"type\":\"login.scanned\",\"data\":{\"ticket\":\""
            + create("app").text("ticket")
            + "\",\"subject\":\"alice\"}}";
    String path = "/callbacks/{source}";
    Map<String, String> shop = Map.of("source", "shop");
    for (String signed : new String[] {body, body + " "}) {
      caller.send(
          "POST",
          path,
          "",
          body,
          shop,
          "Content-Type",
          "application/json",
          "webhook-id",
          "msg_1",
          "webhook-timestamp",
          Long.toString(now.getEpochSecond()),
          "webhook-signature",
          new Webhook(SECRET).sign("msg_1", now.getEpochSecond(), signed));
    }
    caller.send("OPTIONS", path, "", null, shop, "WebHook-Request-Origin", "shop.example.com");
    caller.send("OPTIONS", path, "", null, shop, "WebHook-Request-Origin", "evil.example.com");
    caller.send("OPTIONS", path, "", null, Map.of("source", "nobody"));
  }

  void visitWeChat() throws Exception {
    String time = Long.toString(Instant.now().getEpochSecond());
    String path = "/callbacks/wechat/{account}";
    Map<String, String> account = Map.of("account", "main");
    String unsigned = "?timestamp=" + time + "&nonce=1";
    String signed = unsigned + "&signature=" + signature(WECHAT_TOKEN, time, "1");
    caller.send("GET", path, signed + "&echostr=4711", null, account);
    caller.send("GET", path, signed, null, account);
    caller.send("GET", path, signed, null, Map.of("account", "nobody"));
    caller.send("POST", path, signed, "<xml><ToUserName>gh_2</ToUserName></xml>", account);
    caller.send("POST", path, unsigned, "<xml/>", account);

    Answer login = create("wechat-open");
    String cookie = login.header("Set-Cookie").split(";")[0];
    String start = "/login/wechat/start";
    String query = "?ticket=" + login.text("ticket");
    caller.send("GET", start, query, null, Map.of());
    Answer away = caller.send("GET", start, query, null, Map.of(), "Cookie", cookie);
    String state = away.header("Location").replaceAll(".*&state=([^#]*)#.*", "?state=$1");
    for (int i = 0; i < 2; i++) {
      caller.send("GET", "/login/wechat/callback", state, null, Map.of(), "Cookie", cookie);
    }
  }

  private Answer create(String provider) throws Exception {
    return caller.send(
        "POST",
        "/v1/logins",
        "",
        "{\"provider\":\"%s\",\"challenge\":\"%s\",\"clientHint\":{\"label\":\"a test\"}}"
            .formatted(provider, challenge()),
        Map.of(),
        "Content-Type",
        "application/json");
  }

  private Answer collect(Answer login) throws Exception {
    return call("POST", LOGIN + "/exchange", "", "{\"verifier\":\"" + VERIFIER + "\"}", login);
  }

  private Answer redeem(String grant) throws Exception {
    return send("POST", "/v1/grants/redeem", "", grant, Map.of(), OpenApiTests.KEY);
  }

  private void say(String word, String body, Answer login) throws Exception {
    Map<String, String> ticket = Map.of("ticket", login.text("ticket"));
    send("POST", LOGIN + '/' + word, "", body, ticket, OpenApiTests.KEY);
  }

  private Answer call(String method, String path, String query, String body, Answer login)
      throws Exception {
    Map<String, String> ticket = Map.of("ticket", login.text("ticket"));
    return send(method, path, query, body, ticket, login.text("watchToken"));
  }

  private Answer send(
      String method,
      String path,
      String query,
      String body,
      Map<String, String> variables,
      String bearer)
      throws Exception {
    return caller.send(
        method,
        path,
        query,
        body,
        variables,
        "Authorization",
        "Bearer " + bearer,
        "Content-Type",
        "application/json");
  }

  private static String challenge() throws Exception {
    byte[] verifier = VERIFIER.getBytes(StandardCharsets.US_ASCII);
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(verifier);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
  }

  private static String signature(String... texts) throws Exception {
    byte[] sorted =
        Stream.of(texts).sorted().collect(Collectors.joining()).getBytes(StandardCharsets.US_ASCII);
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(sorted));
  }
}

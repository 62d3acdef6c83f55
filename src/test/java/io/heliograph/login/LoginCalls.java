package io.heliograph.login;

import static org.assertj.core.api.Assertions.assertThat;

import com.standardwebhooks.Webhook;
import io.heliograph.support.LogScan;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The calls of a browser, a site's backend and a callback source. */
final class LoginCalls {

  static final String KEY = "a-key-of-the-backend-for-tests-0123456789";
  static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  static final String VERIFIER = "V".repeat(43);

  private static final AtomicInteger IDS = new AtomicInteger();
  private static final JsonMapper JSON = new JsonMapper();

  private final HttpClient http = HttpClient.newHttpClient();
  private final int port;
  private final String key;

  LoginCalls(int port) {
    this(port, KEY);
  }

  LoginCalls(int port, String key) {
    List.of(key, SECRET, VERIFIER).forEach(LogScan::secret);
    this.port = port;
    this.key = key;
  }

  record Answer(int status, JsonNode body, String raw, List<String> cookies) {
    String text(String field) {
      return body.path(field).asString("");
    }

    Answer hasStatus(int expected) {
      assertThat(status).as(raw).isEqualTo(expected);
      return this;
    }
  }

  Answer call(
      String method,
      String path,
      @Nullable String bearer,
      @Nullable String body,
      String... headers) {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (bearer != null) {
      request.header("Authorization", "Bearer " + bearer);
    }
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      HttpResponse<String> raw = http.send(request.build(), BodyHandlers.ofString());
      boolean isJson = raw.headers().firstValue("Content-Type").orElse("").contains("json");
      JsonNode answer = isJson ? JSON.readTree(raw.body()) : JSON.createObjectNode();
      for (String field : List.of("watchToken", "phoneToken", "grantCode")) {
        if (answer.path(field).isString()) {
          LogScan.secret(answer.path(field).asString());
        }
      }
      return new Answer(
          raw.statusCode(), answer, raw.body(), raw.headers().allValues("Set-Cookie"));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  Answer create() {
    return call(
            "POST",
            "/v1/logins",
            null,
            "{\"provider\":\"app\",\"challenge\":\"%s\",\"challengeMethod\":\"S256\"}"
                .formatted(BearerSecrets.hash(VERIFIER)))
        .hasStatus(201);
  }

  Answer scan(String ticket) {
    return call("POST", "/v1/logins/" + ticket + "/scan", key, "{\"subject\":\"alice\"}");
  }

  Answer confirm(String ticket, int matchCode) {
    return call(
        "POST",
        "/v1/logins/" + ticket + "/confirm",
        key,
        "{\"subject\":\"alice\",\"matchCode\":" + matchCode + "}");
  }

  Answer deny(String ticket) {
    return call("POST", "/v1/logins/" + ticket + "/deny", key, "{\"subject\":\"alice\"}");
  }

  Answer cancel(Answer login) {
    return call("DELETE", "/v1/logins/" + login.text("ticket"), login.text("watchToken"), null);
  }

  Answer exchange(Answer login) {
    return call(
        "POST",
        "/v1/logins/" + login.text("ticket") + "/exchange",
        login.text("watchToken"),
        "{\"verifier\":\"" + VERIFIER + "\"}");
  }

  Answer redeem(String grantCode) {
    return call("POST", "/v1/grants/redeem", key, "{\"grantCode\":\"" + grantCode + "\"}");
  }

  static String newId() {
    return "msg_" + IDS.incrementAndGet();
  }

  /** Signed with the scheme's reference library. */
  Answer callback(String id, Instant sent, String type, String data) {
    String body =
        "{\"type\":\"" + type + "\",\"timestamp\":\"" + sent + "\",\"data\":" + data + "}";
    try {
      String signature = new Webhook(SECRET).sign(id, sent.getEpochSecond(), body);
      return call(
          "POST",
          "/callbacks/shop",
          null,
          body,
          "webhook-id",
          id,
          "webhook-timestamp",
          Long.toString(sent.getEpochSecond()),
          "webhook-signature",
          signature);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  Answer callback(Instant sent, String type, String ticket) {
    return callback(newId(), sent, type, "{\"ticket\":\"" + ticket + "\",\"subject\":\"alice\"}");
  }
}

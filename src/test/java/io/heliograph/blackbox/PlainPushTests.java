package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.support.TestBackend.Answer;
import io.heliograph.support.TestTab;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The risk: the endpoint before Spring MVC answers a publish otherwise than MVC would. */
class PlainPushTests extends BlackBox {

  private static final String JSON = "Content-Type: application/json";

  @SuppressWarnings("unused") // by its name
  private static final List<String> BODIES =
      List.of(
          "{\"data\":1}",
          "{\"event\":\"e\",\"data\":{\"a\":[1.10,\"ü\"]},\"ttl\":\"30s\",\"key\":\"k\"}",
          "{\"data\":null}",
          "{\"data\":null,\"unknown\":1}",
          "{\"data\":1,\"data\":2}",
          "{\"data\":1} {}",
          "{\"data\":1",
          "{}",
          "null",
          "[]",
          "\"data\"",
          "{\"event\":7,\"data\":1}",
          "{\"event\":\"no spaces\",\"data\":1}",
          "{\"data\":1,\"ttl\":-1}",
          "{\"data\":\"\\ud800\"}",
          "[".repeat(70) + "]".repeat(70),
          "{\"data\":" + "[".repeat(70) + "]".repeat(70) + "}",
          "{\"data\":\"" + "x".repeat(65_500) + "\"}",
          "{\"data\":\"" + "x".repeat(66_000) + "\"}");

  @ParameterizedTest
  @FieldSource("BODIES")
  void bothWaysAnswerAlike(String body) {
    alike("POST /v1/channels/user:plain/messages", body, JSON, backend.authorization());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "user:plain",
        "user%3Aplain",
        "everyone",
        "nobody",
        "user:",
        "login:abc",
        "session:short",
        "user:a;b=c",
        "user:a/b",
        "",
      })
  void bothWaysKnowTheSameChannels(String channel) {
    alike(
        "POST /v1/channels/" + channel + "/messages",
        "{\"data\":1}",
        JSON,
        backend.authorization());
  }

  @Test
  void bothWaysLetTheSameCallersIn() {
    String path = "POST /v1/channels/user:plain/messages";
    alike(path, "{\"data\":1}", JSON);
    alike(path, "{\"data\":1}", JSON, "Authorization: Bearer nobody");
    alike(path, "{\"data\":1}", JSON, "Authorization: Bearer " + SESSIONS_ONLY_KEY);
    alike(path, "{\"data\":1}", JSON, backend.authorization(), backend.authorization());
  }

  @Test
  void bothWaysTakeTheSameMediaTypes() {
    String path = "POST /v1/channels/user:plain/messages";
    String key = backend.authorization();
    alike(path, "{\"data\":1}", key);
    alike(path, "{\"data\":1}", key, "Content-Type: text/plain");
    alike(path, "{\"data\":1}", key, "Content-Type: application/json;charset=utf-8");
    alike(path, "{\"data\":1}", key, JSON, "Accept: text/html");
    alike(path, "{\"data\":1}", key, JSON, "Accept: application/json");
    alike(path, "{\"data\":1}", key, JSON, "Content-Encoding: gzip");
  }

  @Test
  void itIsMeasuredAndHasTheHeadersOfEveryOtherAnswer() {
    String user = fresh("plain");
    TestTab tab = browser.connect(user);
    long before = measured();
    String path = "POST /v1/channels/user:" + user + "/messages";
    Answer plain = backend.raw(path, "{\"data\":\"one\"}", JSON, backend.authorization());
    Answer usual =
        backend.raw(path + "?wait=accepted", "{\"data\":\"two\"}", JSON, backend.authorization());
    Answer other = backend.get("/v1/channels/user:" + user);
    for (String header :
        List.of(
            "X-Content-Type-Options",
            "X-XSS-Protection",
            "X-Frame-Options",
            "Content-Security-Policy",
            "Referrer-Policy",
            "Cache-Control",
            "Pragma",
            "Expires")) {
      assertThat(plain.headers().firstValue(header))
          .as(header)
          .isPresent()
          .isEqualTo(other.headers().firstValue(header));
    }
    for (Answer answer : List.of(plain, usual)) {
      assertThat(answer.headers().firstValue("X-Request-Id")).isPresent();
      assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
      assertThat(answer.headers().firstValue("Cache-Control").orElse("")).contains("no-store");
    }
    tab.receives("one", "two");
    await().until(() -> measured() == before + 2);
  }

  private long measured() {
    return meters
        .find("http.server.requests")
        .tag("uri", "/v1/channels/{channel}/messages")
        .tag("status", "202")
        .timers()
        .stream()
        .mapToLong(timer -> timer.takeSnapshot().count())
        .sum();
  }

  /** A parameter that changes nothing makes it the usual way. */
  private void alike(String requestLine, String body, String... headers) {
    Answer plain = backend.raw(requestLine, body, headers);
    Answer usual = backend.raw(requestLine + "?wait=accepted", body, headers);
    assertThat(plain.status()).isEqualTo(usual.status());
    assertThat(withoutWhatIsItsOwn(plain)).isEqualTo(withoutWhatIsItsOwn(usual));
    assertThat(plain.headers().firstValue("Content-Type"))
        .isEqualTo(usual.headers().firstValue("Content-Type"));
  }

  private static String withoutWhatIsItsOwn(Answer answer) {
    return Stream.of("id", "position", "instance", "expires")
        .reduce(
            answer.body(),
            (text, field) -> text.replaceAll("\"" + field + "\":\"[^\"]*\"", "\"" + field + "\""));
  }
}

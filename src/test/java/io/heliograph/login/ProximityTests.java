package io.heliograph.login;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.login.LoginCalls.Answer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Case 109, R5: by the proxy's headers, browser and phone are in different countries. */
class ProximityTests {

  private static final String[] BROWSER = {"X-Forwarded-For", "192.0.2.7", "X-Country", "CH"};
  private static final String[] PHONE = {"X-Forwarded-For", "198.51.100.9", "X-Country", "BR"};
  private static final String[] NEAR = {"X-Forwarded-For", "203.0.113.5", "X-Country", "ch"};

  /** A login up to its confirm page, whose token comes from the site's app. */
  private record AtThePhone(LoginCalls calls, Answer login, String token) {

    static AtThePhone begin(int port) {
      LoginCalls calls = new LoginCalls(port);
      Answer login =
          calls
              .call(
                  "POST",
                  "/v1/logins",
                  null,
                  "{\"challenge\":\"" + BearerSecrets.hash(LoginCalls.VERIFIER) + "\"}",
                  BROWSER)
              .hasStatus(201);
      return new AtThePhone(
          calls, login, calls.scan(login.text("ticket")).hasStatus(200).text("phoneToken"));
    }

    Answer act(String act, String[] from) {
      return calls.call(
          "POST",
          "/v1/logins/" + login.text("ticket") + "/" + act,
          null,
          "{\"phoneToken\":\"%s\",\"matchCode\":%d}"
              .formatted(token, login.body().path("matchCode").asInt()),
          from);
    }

    boolean risk() {
      String grant = calls.exchange(login).hasStatus(200).text("grantCode");
      return calls
          .redeem(grant)
          .hasStatus(200)
          .body()
          .path("risk")
          .path("locationMismatch")
          .asBoolean();
    }
  }

  private static boolean mismatch(Answer scanned) {
    return scanned.hasStatus(200).body().path("locationMismatch").asBoolean();
  }

  @Nested
  @SpringBootTest(
      webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
      properties = {
        "management.server.port=0",
        "server.forward-headers-strategy=native",
        "heliograph.security.api-key=" + LoginCalls.KEY,
        "heliograph.login.country-header=X-Country",
        "heliograph.login.proximity=warn"
      })
  class Warned {
    @LocalServerPort int port;

    @Test
    void aDistantPhoneIsReportedToThePageAndTheBackend() {
      AtThePhone phone = AtThePhone.begin(port);
      Answer seen = phone.act("scan", PHONE);
      assertThat(mismatch(seen)).isTrue();
      assertThat(seen.body().path("device").path("country").asString()).isEqualTo("CH");
      phone.act("confirm", PHONE).hasStatus(200);
      assertThat(phone.risk()).isTrue();
    }

    @Test
    void aPhoneInTheSameCountryGetsNoWarning() {
      AtThePhone phone = AtThePhone.begin(port);
      assertThat(mismatch(phone.act("scan", NEAR))).isFalse();
      phone.act("confirm", NEAR).hasStatus(200);
      assertThat(phone.risk()).isFalse();
    }
  }

  @Nested
  @SpringBootTest(
      webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
      properties = {
        "management.server.port=0",
        "server.forward-headers-strategy=native",
        "heliograph.security.api-key=" + LoginCalls.KEY,
        "heliograph.login.country-header=X-Country",
        "heliograph.login.proximity=block"
      })
  class Blocked {
    @LocalServerPort int port;

    @Test
    void aDistantPhoneCannotConfirm() {
      AtThePhone phone = AtThePhone.begin(port);
      assertThat(mismatch(phone.act("scan", PHONE))).isTrue();
      Answer refused = phone.act("confirm", PHONE).hasStatus(403);
      assertThat(refused.text("type")).isEqualTo("/problems/proximity-required");
      phone.calls().exchange(phone.login()).hasStatus(409);
      phone.act("confirm", NEAR).hasStatus(200);
    }
  }
}

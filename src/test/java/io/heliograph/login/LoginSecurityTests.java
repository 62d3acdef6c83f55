package io.heliograph.login;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.login.LoginCalls.Answer;
import io.heliograph.login.web.LoginRequestContext;
import io.heliograph.support.LogScan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Security rules that concern a login as a whole. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "management.server.port=0",
      "heliograph.security.api-key=" + LoginCalls.KEY,
      "heliograph.login.limits.per-address=1000",
      "heliograph.login.limits.scans-per-subject=1000"
    })
class LoginSecurityTests {

  @LocalServerPort int port;
  private LoginCalls calls;

  @BeforeEach
  void calls() {
    calls = new LoginCalls(port);
  }

  private Answer confirmed(Answer login) {
    calls.scan(login.text("ticket")).hasStatus(200);
    calls.confirm(login.text("ticket"), login.body().path("matchCode").asInt()).hasStatus(200);
    return login;
  }

  private Answer report(Answer login) {
    return calls.call(
        "POST",
        "/v1/logins/" + login.text("ticket") + "/deny",
        LoginCalls.KEY,
        "{\"subject\":\"alice\",\"report\":true}");
  }

  private Answer create(String cookie) {
    return calls
        .call(
            "POST",
            "/v1/logins",
            null,
            "{\"challenge\":\"" + BearerSecrets.hash(LoginCalls.VERIFIER) + "\"}",
            "Cookie",
            cookie)
        .hasStatus(201);
  }

  private Answer collect(Answer login, String watchToken, String verifier, String cookie) {
    return calls.call(
        "POST",
        "/v1/logins/" + login.text("ticket") + "/exchange",
        watchToken,
        "{\"verifier\":\"" + verifier + "\"}",
        "Cookie",
        cookie);
  }

  /**
   * R10 and case 108: session fixation is impossible, because this service has no HTTP sessions.
   * The backend creates the session after it redeemed the grant.
   */
  @Test
  void aLoginNeitherCreatesNorUsesAnHttpSession() {
    String planted = "JSESSIONID=planted-by-somebody";
    Answer login = confirmed(calls.create());
    Answer collected =
        calls
            .call(
                "POST",
                "/v1/logins/" + login.text("ticket") + "/exchange",
                login.text("watchToken"),
                "{\"verifier\":\"" + LoginCalls.VERIFIER + "\"}",
                "Cookie",
                planted)
            .hasStatus(200);
    Answer redeemed =
        calls
            .call(
                "POST",
                "/v1/grants/redeem",
                LoginCalls.KEY,
                "{\"grantCode\":\"" + collected.text("grantCode") + "\"}",
                "Cookie",
                planted)
            .hasStatus(200);
    assertThat(login.cookies())
        .singleElement()
        .asString()
        .startsWith(LoginRequestContext.COOKIE + "=");
    assertThat(collected.cookies()).isEmpty();
    assertThat(redeemed.cookies()).isEmpty();
    assertThat(redeemed.raw()).doesNotContain("planted");
  }

  /** R10: a cookie of an earlier login, even a planted one, gives no access to a later login. */
  @Test
  void anOldCookieAloneCannotExchangeALaterLogin() {
    String cookie = LoginRequestContext.COOKIE + "=" + LogScan.secret(BearerSecrets.make());
    Answer first = confirmed(create(cookie));
    String grant =
        collect(first, first.text("watchToken"), LoginCalls.VERIFIER, cookie)
            .hasStatus(200)
            .text("grantCode");
    Answer later = confirmed(create(cookie));
    collect(later, first.text("watchToken"), LoginCalls.VERIFIER, cookie).hasStatus(404);
    collect(later, later.text("watchToken"), "X".repeat(43), cookie).hasStatus(403);
    Answer again = collect(first, first.text("watchToken"), LoginCalls.VERIFIER, cookie);
    assertThat(again.hasStatus(200).text("grantCode")).isEqualTo(grant);
    Answer other = collect(later, later.text("watchToken"), LoginCalls.VERIFIER, cookie);
    assertThat(other.hasStatus(200).text("grantCode")).isNotEqualTo(grant);
  }

  /** R20. */
  @Test
  void aReportBeforeTheExchangeEndsTheLogin() {
    Answer login = confirmed(calls.create());
    report(login).hasStatus(204);
    calls.exchange(login).hasStatus(410);
  }

  /** R20. */
  @Test
  void aReportRevokesAnUnredeemedGrant() {
    Answer login = confirmed(calls.create());
    String grant = calls.exchange(login).hasStatus(200).text("grantCode");
    report(login).hasStatus(204);
    calls.redeem(grant).hasStatus(404);
  }

  /** R20: then only the backend can end the session, so the report is published for it, once. */
  @Test
  void aReportAfterRedemptionIsPublishedOnceForTheBackend() {
    Answer login = confirmed(calls.create());
    calls.redeem(calls.exchange(login).text("grantCode")).hasStatus(200);
    report(login).hasStatus(204);
    report(login).hasStatus(204);
    List<JsonNode> reports = reports(login);
    assertThat(reports).hasSize(1);
    assertThat(reports.getFirst().path("event").asString()).isEqualTo("login.reported");
    assertThat(reports.getFirst().path("data").path("redeemed").asBoolean()).isTrue();
    assertThat(reports.toString()).doesNotContain("alice");
  }

  /** R20: the link that the backend puts into its notice. */
  @Test
  void theNotMeLinkOfARedeemedGrantReportsTheLogin() {
    Answer login = confirmed(calls.create());
    String ticket = login.text("ticket");
    Answer redeemed = calls.redeem(calls.exchange(login).text("grantCode")).hasStatus(200);
    String link = redeemed.text("notMe");
    assertThat(link).matches("/l/" + ticket + "#k=[A-Za-z0-9_-]{43}");
    String token = LogScan.secret(link.split("#k=")[1]);
    String mine = "{\"phoneToken\":\"" + token + "\"";

    calls.call("GET", link.split("#")[0], null, null).hasStatus(200);
    Answer shown = calls.call("POST", "/v1/logins/" + ticket + "/scan", null, mine + "}");
    assertThat(shown.hasStatus(410).text("state")).isEqualTo("CONSUMED");
    assertThat(reports(login)).as("opening the page reports nothing").isEmpty();

    String deny = "/v1/logins/" + ticket + "/deny";
    calls.call("POST", deny, null, mine + "}").hasStatus(410);
    assertThat(reports(login)).as("a report has to be explicit").isEmpty();
    calls
        .call("POST", deny, null, "{\"phoneToken\":\"" + "x".repeat(43) + "\",\"report\":true}")
        .hasStatus(404);
    calls.call("POST", deny, null, mine + ",\"report\":true}").hasStatus(204);
    assertThat(reports(login)).hasSize(1);
  }

  /** Read from the channel's log, as a backend does. */
  private List<JsonNode> reports(Answer login) {
    Answer log =
        calls
            .call(
                "GET", "/v1/channels/topic:login-reports/messages?limit=1000", LoginCalls.KEY, null)
            .hasStatus(200);
    return log.body()
        .path("messages")
        .valueStream()
        .filter(m -> m.path("data").path("ticket").asString().equals(login.text("ticket")))
        .toList();
  }

  /** R3: site, browser, place and time. */
  @Test
  void theConfirmPageShowsTheRequestAndDenyIsAsProminentAsConfirm() {
    Answer login = calls.create();
    Answer seen = calls.scan(login.text("ticket")).hasStatus(200);
    assertThat(seen.text("site")).isNotEmpty();
    assertThat(seen.body().path("device").path("ip").asString()).isNotEmpty();
    assertThat(seen.body().path("device").path("requestedAt").asString()).isNotEmpty();
    assertThat(seen.text("state")).isEqualTo("SCANNED");
    String page = calls.call("GET", "/l/" + login.text("ticket"), null, null).raw();
    assertThat(page).containsPattern("id=\"no\"[^>]* autofocus");
    assertThat(page.indexOf("id=\"no\"")).isPositive().isLessThan(page.indexOf("id=\"yes\""));
  }

  /** R24. */
  @Test
  void theDocumentationNamesTheLimitsOfQrLoginAndTheAlternative() throws IOException {
    String page = Files.readString(Path.of("docs/login.md"));
    String chapter = page.split("## What QR login cannot do", 2)[1].split("\n## ", 2)[0];
    assertThat(chapter.toLowerCase(Locale.ROOT)).contains("relay", "fido hybrid", "bcp 247");
  }
}

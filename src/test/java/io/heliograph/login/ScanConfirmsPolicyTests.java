package io.heliograph.login;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.login.LoginCalls.Answer;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Case 38: the policy on-scan, where the scan confirms. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "management.server.port=0",
      "heliograph.security.api-key=" + LoginCalls.KEY,
      "heliograph.login.policy=on-scan",
      "heliograph.callbacks.sources.shop.secrets[0].value=" + LoginCalls.SECRET
    })
class ScanConfirmsPolicyTests {

  @LocalServerPort int port;

  @Test
  void aScanConfirmsAndTheGrantNamesThePolicy() {
    LoginCalls calls = new LoginCalls(port);
    Answer login = calls.create();
    try (SubscribedBrowser browser = new SubscribedBrowser(port)) {
      browser.follow(login.text("ticket"), login.text("watchToken"));
      assertThat(browser.snapshot().path("state").asString()).isEqualTo("ISSUED");
      calls.callback(Instant.now(), "login.scanned", login.text("ticket")).hasStatus(204);
      JsonNode state = browser.state();
      assertThat(state.path("state").asString()).isEqualTo("CONFIRMED");
      assertThat(state.path("version").asInt()).isEqualTo(2);
      browser.thenNothing();
      Answer who = calls.redeem(calls.exchange(login).hasStatus(200).text("grantCode"));
      assertThat(who.hasStatus(200).text("subject")).isEqualTo("alice");
      assertThat(who.text("policy")).isEqualTo("ON_SCAN");
    }
  }
}

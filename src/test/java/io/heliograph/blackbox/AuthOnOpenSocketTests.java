package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The risk: a session outlives its token, or changes hands. */
class AuthOnOpenSocketTests extends BlackBox {

  private final String user = fresh("late");

  @Test
  void aLoginOnAnOpenConnectionGetsWhatWasQueued() {
    backend.pushAll("user:" + user, "waiting");
    var tab = browser.connectAnonymously();
    var answer = tab.request("auth", Map.of("token", backend.token(user)));
    assertThat(answer.get("type").stringValue()).isEqualTo("authenticated");
    assertThat(answer.get("user").stringValue()).isEqualTo(user);
    backend.pushAll("user:" + user, "live");
    tab.receives("waiting", "live").thenNothing();
  }

  @Test
  void theTokensEndIsTheSessionsEnd() {
    var tab = browser.withToken(backend.token(user, "60s", new String[0]));
    clock.advance(Duration.ofSeconds(62));
    assertThat(tab.byeAndClose("token", 4401).get("reconnectAfterMs").isNull()).isTrue();
  }

  @Test
  void aRenewedSessionGoesOn() {
    var tab = browser.withToken(backend.token(user, "60s", new String[0]));
    tab.request("auth", Map.of("token", backend.token(user)));
    clock.advance(Duration.ofSeconds(62));
    // A session whose token has ended is closed in the same tick that visits this one.
    var other = browser.withToken(backend.token(fresh("other"), "2s", new String[0]));
    clock.advance(Duration.ofSeconds(3));
    other.byeAndClose("token", 4401);
    backend.pushAll("user:" + user, "still here");
    tab.receives("still here").thenNothing();
  }
}

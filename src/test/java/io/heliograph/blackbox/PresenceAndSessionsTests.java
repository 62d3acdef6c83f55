package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The risk: a backend sees, or closes, others than it meant. */
class PresenceAndSessionsTests extends BlackBox {

  private final String user = fresh("present");
  private final String channel = "user:" + user;

  @Test
  void presenceCountsSessionsAndUsers() {
    String topic = "topic:" + fresh("room");
    browser.connect(user, topic).subscribe(topic);
    browser.connect(user, topic).subscribe(topic);
    browser.connect(fresh("present"), topic).subscribe(topic);
    var presence = backend.get("/v1/channels/" + topic).json();
    assertThat(presence.get("sessions").intValue()).isEqualTo(3);
    assertThat(presence.get("users").intValue()).isEqualTo(2);
  }

  @Test
  void theListComesInPages() {
    Set<String> connected = new HashSet<>();
    for (int i = 0; i < 5; i++) {
      connected.add(browser.connect(user).session());
    }
    browser.connect(fresh("present"));
    Set<String> listed = new HashSet<>();
    String cursor = "";
    int pages = 0;
    do {
      var page = backend.get("/v1/sessions?limit=2&user=" + user + cursor).json();
      page.get("sessions")
          .forEach(each -> assertThat(listed.add(each.get("session").stringValue())).isTrue());
      cursor = page.has("cursor") ? "&cursor=" + page.get("cursor").stringValue() : "";
      pages++;
    } while (!cursor.isEmpty());
    assertThat(pages).isEqualTo(3);
    assertThat(listed).isEqualTo(connected);
  }

  @Test
  void oneIsLookedAt() {
    var tab = browser.connect(user);
    backend.pushAll(channel, "x");
    tab.receives("x").acknowledges(channel).thenNothing();
    var seen = backend.get("/v1/sessions/" + tab.session()).json();
    assertThat(seen.get("user").stringValue()).isEqualTo(user);
    assertThat(seen.get("transport").stringValue()).isEqualTo("websocket");
    assertThat(seen.get("channels").size()).isEqualTo(3);
    assertThat(seen.get("channels").toString())
        .contains("\"acknowledged\":\"" + tab.position(channel));
  }

  @Test
  void oneIsClosedAndTheOthersStay() {
    var stays = browser.connect(user);
    var goes = browser.connect(user);
    assertThat(backend.delete("/v1/sessions/" + goes.session()).status()).isEqualTo(204);
    assertThat(goes.byeAndClose("policy", 1008).get("reconnectAfterMs").isNull()).isTrue();
    stays.thenNothing();
    await().until(() -> backend.get("/v1/sessions/" + goes.session()).status() == 404);
    assertThat(backend.delete("/v1/sessions/" + goes.session()).status()).isEqualTo(404);
  }

  @Test
  void allOfAUserAreClosed() {
    var one = browser.connect(user);
    var two = browser.connect(user);
    var other = browser.connect(fresh("present"));
    assertThat(backend.delete("/v1/users/" + user + "/sessions").json().get("closed").intValue())
        .isEqualTo(2);
    one.byeAndClose("policy", 1008);
    two.byeAndClose("policy", 1008);
    other.thenNothing();
    await()
        .until(() -> backend.get("/v1/channels/" + channel).json().get("sessions").intValue() == 0);
    alive();
  }

  @Test
  void theLogIsRead() {
    backend.pushAll(channel, "one", "two", "three");
    var page = backend.get("/v1/channels/" + channel + "/messages?limit=2").json();
    assertThat(page.get("messages").size()).isEqualTo(2);
    assertThat(page.at("/messages/0/data").stringValue()).isEqualTo("one");
    assertThat(page.get("complete").booleanValue()).isTrue();
    var next =
        backend
            .get(
                "/v1/channels/" + channel + "/messages?since=" + page.get("position").stringValue())
            .json();
    assertThat(next.get("messages").size()).isEqualTo(1);
    assertThat(next.get("position").stringValue()).isEqualTo(next.get("head").stringValue());
  }
}

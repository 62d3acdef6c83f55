package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The risk: a client subscribes without a right, or stays subscribed after its right has ended. */
class SubscriptionTests extends BlackBox {

  private final String topic = "topic:" + fresh("market");

  @Test
  void aTokenThatNamesATopicOpensIt() {
    var tab = browser.connectAnonymously();
    String token = backend.token("", topic);
    assertThat(tab.subscribe(topic, token, null).get("type").stringValue()).isEqualTo("subscribed");
    backend.pushAll(topic, "rates");
    tab.receives("rates").thenNothing();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "topic:closed",
        "user:somebody-else",
        "session:AAAAAAAAAAAAAAAAAAAAAA",
        "login:AAAAAAAAAAAAAAAAAAAAAA"
      })
  void aChannelWithoutARightIsRefusedAndTheConnectionStays(String channel) {
    var tab = browser.connect(fresh("curious"));
    var answer = tab.subscribe(channel);
    assertThat(answer.get("type").stringValue()).isEqualTo("error");
    assertThat(answer.at("/problem/status").intValue()).isEqualTo(403);
    tab.thenNothing();
  }

  @Test
  void aTokenForAnotherTopicIsRefused() {
    var tab = browser.connectAnonymously();
    var answer = tab.subscribe(topic, backend.token("", "topic:other"), null);
    assertThat(answer.at("/problem/status").intValue()).isEqualTo(403);
    assertThat(tab.subscribe(topic, "nonsense", null).at("/problem/status").intValue())
        .isEqualTo(403);
  }

  @Test
  void theSessionOfAnotherTabIsNotSubscribedEvenWithItsId() {
    var victim = browser.connectAnonymously();
    var tab = browser.connectAnonymously();
    assertThat(tab.subscribe("session:" + victim.session()).at("/problem/status").intValue())
        .isEqualTo(403);
  }

  @Test
  void followingEndsWithTheCapability() {
    var tab = browser.connectAnonymously();
    tab.subscribe(topic, backend.token("", "60s", new String[] {topic}), null);
    clock.advance(Duration.ofSeconds(62));
    assertThat(tab.next("error").at("/problem/status").intValue()).isEqualTo(401);
    backend.pushAll(topic, "not for you");
    tab.thenNothing();
  }

  @Test
  void aNewTokenForTheSessionDoesNotProlongTheCapabilityOfATopic() {
    String user = fresh("renewer");
    // Both end in the same second.
    String token = backend.token(user, "60s", new String[0]);
    String capability = backend.token("", "60s", new String[] {topic});
    var tab = browser.withToken(token);
    tab.subscribe(topic, capability, null);
    assertThat(tab.request("auth", Map.of("token", backend.token(user))).get("type").stringValue())
        .isEqualTo("authenticated");
    clock.advance(Duration.ofSeconds(62));
    assertThat(tab.next("error").at("/problem/status").intValue()).isEqualTo(401);
    backend.pushAll(topic, "not for you");
    tab.thenNothing();
  }

  @Test
  void unsubscribingEndsItAndASecondTimeIsAnError() {
    var tab = browser.connect(fresh("reader"), topic);
    tab.subscribe(topic);
    assertThat(tab.request("unsubscribe", Map.of("channel", topic)).get("type").stringValue())
        .isEqualTo("unsubscribed");
    backend.pushAll(topic, "unread");
    tab.thenNothing();
    assertThat(
            tab.request("unsubscribe", Map.of("channel", topic)).at("/problem/status").intValue())
        .isEqualTo(409);
  }

  @Test
  void subscribingAgainWithAPositionSendsAgain() {
    var tab = browser.connect(fresh("reader"), topic);
    String position = tab.subscribe(topic).get("position").stringValue();
    backend.pushAll(topic, "one", "two");
    tab.receives("one", "two");
    tab.resuming(topic, position).receives("one", "two").thenNothing();
    backend.pushAll(topic, "three");
    tab.receives("three").thenNothing();
  }

  @Test
  void subscribingAgainWithoutOneChangesNothing() {
    var tab = browser.connect(fresh("reader"), topic);
    tab.subscribe(topic);
    backend.pushAll(topic, "one");
    tab.receives("one");
    assertThat(tab.subscribe(topic).get("position").stringValue()).isEqualTo(tab.position(topic));
    backend.pushAll(topic, "two");
    tab.receives("two").thenNothing();
  }

  @Test
  void aSessionFollowsSixtyFourChannels() {
    String[] topics = new String[63];
    for (int i = 0; i < topics.length; i++) {
      topics[i] = "topic:" + fresh("many");
    }
    var tab = browser.connect(fresh("collector"), topics);
    // It follows itself, its user and everyone already.
    for (int i = 0; i < 61; i++) {
      assertThat(tab.subscribe(topics[i]).get("type").stringValue()).isEqualTo("subscribed");
    }
    assertThat(tab.subscribe(topics[61]).at("/problem/status").intValue()).isEqualTo(429);
    tab.request("unsubscribe", Map.of("channel", topics[0]));
    assertThat(tab.subscribe(topics[61]).get("type").stringValue()).isEqualTo("subscribed");
  }
}

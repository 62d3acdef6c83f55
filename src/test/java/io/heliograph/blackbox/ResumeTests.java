package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.test.context.TestPropertySource;

/** The risk: a line breaks, and what was pushed meanwhile is lost, comes twice, or out of order. */
@TestPropertySource(properties = "heliograph.log.max-messages=100")
class ResumeTests extends BlackBox {

  @Test
  void messagesOfAnInterruptionComeInOrderAndOnce() {
    String user = fresh("resumer");
    String channel = "user:" + user;
    var tab = browser.connect(user);
    backend.pushAll(channel, "before");
    String position = tab.receives("before").position(channel);
    tab.cut();

    backend.pushAll(channel, "one", "two", "three");

    browser.connect(user).resuming(position).receives("one", "two", "three").thenNothing();
  }

  @Test
  void aTopicIsResumedToo() {
    String topic = "topic:" + fresh("news");
    var tab = browser.connect(fresh("reader"), topic);
    String position = tab.subscribe(topic).get("position").stringValue();
    tab.cut();
    backend.pushAll(topic, "one", "two", "three");

    var again = browser.connect(fresh("reader"), topic);
    again.resuming(topic, position).receives("one", "two", "three").thenNothing();
    backend.pushAll(topic, "live");
    again.receives("live").thenNothing();
  }

  @Test
  void aClientWithoutAPositionBeginsWithTheNextMessage() {
    String topic = "topic:" + fresh("news");
    backend.pushAll(topic, "past");
    var tab = browser.connect(fresh("reader"), topic);
    assertThat(tab.subscribe(topic).get("recovered").booleanValue()).isTrue();
    backend.pushAll(topic, "present");
    tab.receives("present").thenNothing();
  }

  @Test
  void aGapThatIsLongerThanTheLogIsReported() {
    String topic = "topic:" + fresh("flood");
    var tab = browser.connect(fresh("reader"), topic);
    String position = tab.subscribe(topic).get("position").stringValue();
    tab.cut();
    String[] texts = IntStream.rangeClosed(1, 150).mapToObj(i -> "m" + i).toArray(String[]::new);
    var lines = new StringBuilder();
    for (String text : texts) {
      lines.append("{\"channel\":\"%s\",\"data\":\"%s\"}%n".formatted(topic, text));
    }
    assertThat(backend.postNdjson(lines.toString()).status()).isEqualTo(200);
    double gaps = meters.get("heliograph.gaps").counter().count();

    var again = browser.connect(fresh("reader"), topic);
    assertThat(again.subscribe(topic, null, position).get("recovered").booleanValue()).isFalse();
    again.receives(java.util.Arrays.copyOfRange(texts, 50, 150)).thenNothing();
    assertThat(meters.get("heliograph.gaps").counter().count()).isEqualTo(gaps + 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"another-epoch:1", "another-epoch:0"})
  void aPositionOfALogThatIsNoMoreIsNotRecovered(String since) {
    String topic = "topic:" + fresh("news");
    backend.pushAll(topic, "one");
    var tab = browser.connect(fresh("reader"), topic);
    assertThat(tab.subscribe(topic, null, since).get("recovered").booleanValue()).isFalse();
    tab.receives("one").thenNothing();
  }

  @Test
  void aPositionOfTheFutureIsNotRecoveredAndGoesOnLive() {
    String topic = "topic:" + fresh("news");
    var tab = browser.connect(fresh("reader"), topic);
    String position = tab.subscribe(topic).get("position").stringValue();
    String future = position.substring(0, position.indexOf(':')) + ":1000";
    assertThat(tab.subscribe(topic, null, future).get("recovered").booleanValue()).isFalse();
    backend.pushAll(topic, "next");
    tab.receives("next").thenNothing();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "x", "e:-1", "e:01", ":1", "e:9999999999999999999", "e:1:1", "{e}:1", "e:1 "})
  void aMalformedPositionIsAnErrorAndTheConnectionStays(String since) {
    String topic = "topic:" + fresh("news");
    var tab = browser.connect(fresh("reader"), topic);
    var answer = tab.subscribe(topic, null, since);
    assertThat(answer.get("type").stringValue()).isEqualTo("error");
    assertThat(answer.get("problem").get("status").intValue()).isEqualTo(400);
    tab.thenNothing();
  }
}

package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.support.TestBackend.Answer;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The risk: a backend is promised more than is true. */
class ReceiptTests extends BlackBox {

  private final String user = fresh("receiver");
  private final String channel = "user:" + user;

  @Test
  void ackedIsAnsweredOnlyAfterTheAck() {
    var tab = browser.connect(user);
    CompletableFuture<Answer> answer = backend.pushing(channel, "act", "wait=acked&timeout=9s");
    tab.receives("act").thenNothing();
    assertThat(answer).isNotDone();

    tab.acknowledges(channel);

    Answer acked = answer.join();
    assertThat(acked.status()).isEqualTo(200);
    assertThat(acked.text("outcome")).isEqualTo("acked");
    assertThat(acked.json().at("/sessions/acked").intValue()).isEqualTo(1);
    tab.thenNothing();
  }

  @Test
  void anAckOfAnEarlierMessageIsNoAckOfThisOne() {
    var tab = browser.connect(user);
    backend.pushAll(channel, "earlier");
    tab.receives("earlier");
    String earlier = tab.position(channel);
    CompletableFuture<Answer> answer = backend.pushing(channel, "act", "wait=acked&timeout=9s");
    tab.receives("act");
    tab.send(
        "{\"type\":\"ack\",\"channel\":\"%s\",\"position\":\"%s\"}".formatted(channel, earlier));
    tab.thenNothing();
    assertThat(answer).isNotDone();
    tab.acknowledges(channel);
    assertThat(answer.join().text("outcome")).isEqualTo("acked");
  }

  @Test
  void deliveredCountsTheSessions() {
    browser.connect(user);
    browser.connect(user);
    Answer answer = backend.push(channel, "act", "wait=delivered&timeout=9s");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text("outcome")).isEqualTo("delivered");
    assertThat(answer.json().at("/sessions/delivered").intValue()).isBetween(1, 2);
  }

  @Test
  void withoutAnAckInTimeItWasDeliveredAndNotMore() {
    browser.connect(user);
    Answer answer = backend.push(channel, "act", "wait=acked&timeout=100ms");
    assertThat(answer.text("outcome")).isEqualTo("delivered");
    assertThat(answer.json().at("/sessions/acked").intValue()).isZero();
  }

  @Test
  void aQueryWithoutOtherNodesIsAnsweredAtOnce() {
    // The backend of these tests gives up after ten seconds.
    assertThat(backend.push(channel, "act", "wait=acked&timeout=30s").text("outcome"))
        .isEqualTo("queued");
  }

  @Test
  void anAckOfWhatWasNeverSentIsRefused() {
    var tab = browser.connect(user);
    tab.send(
        "{\"type\":\"ack\",\"channel\":\"%s\",\"position\":\"elsewhere:7\"}".formatted(channel));
    assertThat(tab.next("error").at("/problem/status").intValue()).isEqualTo(409);
    tab.thenNothing();
  }
}

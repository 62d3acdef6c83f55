package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The risk: a backend that is unsure asks again, and the browser gets it twice. */
class IdempotencyTests extends BlackBox {

  private final String user = fresh("careful");
  private final String channel = "user:" + user;
  private final String key = fresh("key-");

  @Test
  void theSameRequestGetsTheSameAnswerAndHappensOnce() {
    var tab = browser.connect(user);
    var first = backend.push(channel, "once", "", "Idempotency-Key", key);
    var second = backend.push(channel, "once", "", "Idempotency-Key", '"' + key + '"');
    assertThat(first.status()).isEqualTo(202);
    assertThat(first.headers().firstValue("Idempotency-Replayed")).isEmpty();
    assertThat(second.status()).isEqualTo(202);
    assertThat(second.body()).isEqualTo(first.body());
    assertThat(second.headers().firstValue("Idempotency-Replayed")).hasValue("true");
    tab.receives("once").thenNothing();
  }

  @Test
  void anotherRequestUnderTheKeyIsRefused() {
    var tab = browser.connect(user);
    backend.push(channel, "once", "", "Idempotency-Key", key);
    assertThat(backend.push(channel, "other", "", "Idempotency-Key", key).status()).isEqualTo(422);
    assertThat(backend.push("user:someone", "once", "", "Idempotency-Key", key).status())
        .isEqualTo(422);
    tab.receives("once").thenNothing();
  }

  @Test
  void whatIsUnderWayIsNotBegunAgain() {
    var tab = browser.connect(user);
    var first = backend.pushing(channel, "once", "wait=acked&timeout=9s", "Idempotency-Key", key);
    tab.receives("once");
    var meanwhile = backend.push(channel, "once", "wait=acked&timeout=9s", "Idempotency-Key", key);
    assertThat(meanwhile.status()).isEqualTo(409);
    assertThat(meanwhile.headers().firstValue("Retry-After")).isPresent();
    tab.acknowledges(channel);
    assertThat(first.join().text("outcome")).isEqualTo("acked");
    assertThat(
            backend.push(channel, "once", "wait=acked&timeout=9s", "Idempotency-Key", key).body())
        .isEqualTo(first.join().body());
    tab.thenNothing();
  }

  @Test
  void whatWasRefusedMayBeCorrectedUnderItsKey() {
    assertThat(
            backend
                .post("/v1/channels/" + channel + "/messages", "{}", "Idempotency-Key", key)
                .status())
        .isEqualTo(400);
    assertThat(backend.push(channel, "right", "", "Idempotency-Key", key).status()).isEqualTo(202);
  }

  @Test
  void anArrayHappensOnce() {
    var tab = browser.connect(user);
    String array =
        "[{\"channel\":\"%1$s\",\"data\":1},{\"channel\":\"%1$s\",\"data\":1}]".formatted(channel);
    var first = backend.post("/v1/messages", array, "Idempotency-Key", key);
    var second = backend.post("/v1/messages", array, "Idempotency-Key", key);
    assertThat(second.body()).isEqualTo(first.body());
    assertThat(second.headers().firstValue("Idempotency-Replayed")).hasValue("true");
    tab.receives("1", "1").thenNothing();
  }

  @Test
  void aStreamThatIsSentAgainHappensOnce() {
    var tab = browser.connect(user);
    String lines =
        "{\"channel\":\"%1$s\",\"data\":\"a\"}\n{\"channel\":\"%1$s\",\"data\":\"b\"}"
            .formatted(channel);
    var first = backend.postNdjson(lines, "Idempotency-Key", key);
    var second =
        backend.postNdjson(
            lines + "\n{\"channel\":\"%s\",\"data\":\"c\"}".formatted(channel),
            "Idempotency-Key",
            key);
    assertThat(second.body()).startsWith(first.body());
    tab.receives("a", "b", "c").thenNothing();
  }

  @Test
  void aKeyThatIsNoneIsRefused() {
    assertThat(backend.push(channel, "x", "", "Idempotency-Key", "k".repeat(256)).status())
        .isEqualTo(400);
    assertThat(backend.push(channel, "x", "", "Idempotency-Key", "a b").status()).isEqualTo(400);
  }
}

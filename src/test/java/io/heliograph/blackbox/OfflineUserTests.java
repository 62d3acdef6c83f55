package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The risk: a message to a user who is away is lost, or comes again and again. */
class OfflineUserTests extends BlackBox {

  private final String user = fresh("away");
  private final String channel = "user:" + user;

  @Test
  void aPublishWithoutASubscriberIsQueuedAndArrivesOnce() {
    var answer = backend.push(channel, "hello", "wait=delivered&timeout=30s");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text("outcome")).isEqualTo("queued");

    var tab = browser.connect(user).receives("hello").thenNothing();
    browser.connect(user).thenNothing();
    tab.cut();
    browser.connect(user).thenNothing();
  }

  @Test
  void ofSeveralWithOneKeyTheNewestArrives() {
    for (int i = 1; i <= 3; i++) {
      backend.post(
          "/v1/channels/" + channel + "/messages", "{\"data\":\"v" + i + "\",\"key\":\"state\"}");
    }
    backend.pushAll(channel, "other");
    browser.connect(user).receives("v3", "other").thenNothing();
  }

  @Test
  void whatOutlivedItsTtlDoesNotArrive() {
    backend.post(
        "/v1/channels/" + channel + "/messages", "{\"data\":\"code 1234\",\"ttl\":\"5s\"}");
    backend.pushAll(channel, "lasting");
    clock.advance(Duration.ofSeconds(6));
    browser.connect(user).receives("lasting").thenNothing();
  }
}

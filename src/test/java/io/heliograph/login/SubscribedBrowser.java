package io.heliograph.login;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.message.Ids;
import io.heliograph.support.TestBackend;
import io.heliograph.support.TestBrowser;
import io.heliograph.support.TestTab;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** An anonymous tab that subscribes to logins. */
final class SubscribedBrowser implements AutoCloseable {

  private final TestTab tab;

  SubscribedBrowser(int port) {
    // It only connects, for which no API key is needed.
    tab = new TestBrowser(new TestBackend(port, Ids.random(32))).connectAnonymously();
  }

  SubscribedBrowser follow(String ticket, @Nullable String token) {
    return send(
        "{\"type\":\"subscribe\",\"id\":\"s\",\"channel\":\"login:%s\"%s}"
            .formatted(ticket, token == null ? "" : ",\"token\":\"" + token + "\""));
  }

  SubscribedBrowser send(String frame) {
    tab.send(frame);
    return this;
  }

  JsonNode next() {
    return tab.next();
  }

  JsonNode next(String type) {
    return tab.next(type);
  }

  /** The snapshot that answers a subscribe. */
  JsonNode snapshot() {
    return next("subscribed").path("state");
  }

  /** The next transition. */
  JsonNode state() {
    JsonNode message = next("message");
    assertThat(message.path("event").asString()).isEqualTo("login.state");
    return message.path("data");
  }

  void thenNothing() {
    tab.thenNothing();
  }

  /** Of the connection's end; what comes before it is passed over. */
  int closeCode() {
    JsonNode frame = tab.next();
    while (!frame.path("type").asString().equals("closed")) {
      frame = tab.next();
    }
    return frame.path("code").intValue();
  }

  /** Aborts the connection without a close frame. */
  void cut() {
    tab.cut();
  }

  @Override
  public void close() {
    tab.cut();
  }
}

package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.message.Channel;
import io.heliograph.session.SessionRegistry;
import io.heliograph.support.RawSocket;
import io.heliograph.support.TestPoller;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** What one poll brings, and what is left of it when its client does not wait. */
class PollTests extends BlackBox {

  @Autowired SessionRegistry registry;

  private final String user = fresh("poller");
  private String token = "";
  private TestPoller poller = new TestPoller(0, "", null);

  @BeforeEach
  void begins() {
    token = backend.token(user);
    poller = new TestPoller(port, "", null, "Authorization", "Bearer " + token);
  }

  private int waiting() {
    return registry.subscriberCount(new Channel.User(user));
  }

  private RawSocket waitingPoll(String version) {
    RawSocket socket = RawSocket.connect(port);
    socket.send(
        "GET /poll?wait=30&since="
            + poller.position()
            + " HTTP/"
            + version
            + "\r\nHost: localhost\r\nAuthorization: Bearer "
            + token
            + "\r\n\r\n");
    await().until(() -> waiting() > 0);
    return socket;
  }

  @Test
  void anAnswerWithoutMessagesHasTheSamePosition() {
    String begin = poller.poll(0).get("position").asString();
    JsonNode empty = poller.poll(1);
    assertThat(empty.get("position").asString()).isEqualTo(begin);
    assertThat(empty.get("messages")).isEmpty();
    assertThat(empty.get("more").asBoolean()).isFalse();
    assertThat(waiting()).isZero();
  }

  @Test
  void aBacklogComesInPortions() {
    poller.poll(0);
    backend.pushAll(
        "user:" + user, IntStream.range(0, 150).mapToObj(Integer::toString).toArray(String[]::new));
    int next = 0;
    boolean more = true;
    for (int polls = 0; more; polls++) {
      JsonNode answer = poller.poll(0);
      assertThat(answer.get("messages").size()).isBetween(1, 100);
      for (JsonNode message : answer.get("messages")) {
        assertThat(message.get("data").asString()).isEqualTo(Integer.toString(next++));
      }
      more = next < 150;
      assertThat(polls).isLessThan(5);
    }
    assertThat(poller.poll(0).get("messages")).isEmpty();
  }

  @Test
  void anAnswerIsBoundedInBytesButNeverEmptyBecauseOfThat() {
    poller.poll(0);
    String large = "x".repeat(50_000);
    backend.pushAll("user:" + user, large, large, "last");
    for (int i = 0; i < 2; i++) {
      JsonNode answer = poller.poll(0);
      assertThat(answer.get("messages").get(0).get("data").asString()).isEqualTo(large);
      assertThat(answer.get("more").asBoolean()).isEqualTo(i == 0);
    }
    assertThat(poller.poll(0).get("messages")).isEmpty();
  }

  @Test
  void anAnswerThatIsLostComesAgain() {
    poller.poll(0);
    backend.pushAll("user:" + user, "precious");
    for (int i = 0; i < 3; i++) {
      assertThat(poller.ask(0).json().get("messages")).hasSize(1);
    }
    assertThat(poller.poll(0).get("messages")).hasSize(1);
    // Now it is known to have come.
    poller.poll(0);
    var another = new TestPoller(port, "", null, "Authorization", "Bearer " + token);
    assertThat(another.poll(0).get("messages")).isEmpty();
  }

  @Test
  void whatIsThereAtOnceKeepsTheConnection() {
    try (RawSocket socket = RawSocket.connect(port)) {
      for (int i = 0; i < 3; i++) {
        socket.send(
            "GET /poll HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token + "\r\n\r\n");
        String head = socket.readHead();
        assertThat(head).contains("Content-Length: ").doesNotContain("Connection: close");
        assertThat(socket.readBody(head)).contains("\"messages\":[]");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.1", "1.0"})
  void aWaitingPollIsAnsweredWhenAMessageComes(String version) {
    poller.poll(0);
    try (RawSocket socket = waitingPoll(version)) {
      CompletableFuture<?> delivered =
          backend
              .pushing("user:" + user, "now", "wait=delivered&timeout=9s")
              .thenAccept(answer -> assertThat(answer.text("outcome")).isEqualTo("delivered"));
      assertThat(socket.readHead()).contains("Content-Type: application/json");
      String body = socket.readRest();
      assertThat(body).contains("\"data\":\"now\"");
      assertThat(body.endsWith("0\r\n\r\n")).isEqualTo(version.equals("1.1"));
      delivered.join();
    }
    await().until(() -> waiting() == 0);
  }

  @Test
  void aClientThatLeavesWhileItWaitsLeavesNoSession() {
    poller.poll(0);
    for (int way = 0; way < 3; way++) {
      try (RawSocket socket = waitingPoll("1.1")) {
        switch (way) {
          case 0 -> socket.close();
          case 1 -> socket.reset();
          default -> socket.halfClose();
        }
        await().until(() -> waiting() == 0);
      }
    }
    backend.pushAll("user:" + user, "meanwhile");
    assertThat(poller.poll(0).get("messages")).hasSize(1);
  }

  @Test
  void twoPollsOfOneClientAtOnceGetTheSame() {
    poller.poll(0);
    try (RawSocket one = waitingPoll("1.1");
        RawSocket other = waitingPoll("1.1")) {
      await().until(() -> waiting() == 2);
      backend.pushAll("user:" + user, "both");
      assertThat(one.readRest()).contains("\"both\"");
      assertThat(other.readRest()).contains("\"both\"");
    }
    assertThat(Objects.requireNonNull(poller.position())).isNotEmpty();
  }
}

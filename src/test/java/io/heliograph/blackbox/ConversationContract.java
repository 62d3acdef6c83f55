package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.hub.Drain;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/**
 * What every client can rely on, whatever protocol it speaks on whatever transport. A new protocol
 * extends this with a client of its own.
 */
abstract class ConversationContract extends BlackBox {

  /** A connected client; events are fields by name, named as in version 1 of the protocol. */
  interface Client extends AutoCloseable {

    void send(Map<String, String> request);

    /** What is no request of the protocol at all. */
    void sendGarbage();

    /** The next event; fails when none comes. The connection's end is one of type closed. */
    Map<String, String> next();

    void stopsReading();

    void readsOn();

    /** Cuts the connection without a word. */
    @Override
    void close();
  }

  @Autowired Drain drain;

  private final String user = fresh("talker");
  private final String topic = "topic:" + fresh("talk");
  private int requests;

  /**
   * @param token null: anonymous
   */
  abstract Client connect(@Nullable String token);

  @AfterEach
  void theServiceIsAsWellAsBefore() {
    alive();
  }

  @Test
  void theFirstEventIsTheWelcome() {
    try (Client client = connect(null)) {
      Map<String, String> welcome = welcome(client);
      assertThat(welcome.get("session")).isNotEmpty();
      assertThat(welcome).doesNotContainKeys("user", "expires");
      nothingElse(client);
    }
  }

  @Test
  void anIdentityThatIsKnownEarlyGetsItsUsersMessages() {
    try (Client client = connect(backend.token(user))) {
      Map<String, String> welcome = welcome(client);
      assertThat(welcome.get("user")).isEqualTo(user);
      assertThat(welcome.get("expires")).isNotEmpty();
      backend.pushAll("user:" + user, "for me");
      receives(client, "for me");
    }
  }

  @Test
  void anIdentityThatComesLateGetsWhatWasQueued() {
    backend.pushAll("user:" + user, "waiting");
    try (Client client = connect(null)) {
      welcome(client);
      assertThat(ask(client, "auth", "token", backend.token(user)).get("user")).isEqualTo(user);
      receives(client, "waiting");
    }
  }

  @Test
  void aRefusedTokenLeavesTheSessionAsItWas() {
    try (Client client = connect(backend.token(user))) {
      welcome(client);
      assertThat(ask(client, "auth", "token", "nonsense").get("status")).isEqualTo("401");
      assertThat(ask(client, "auth", "token", backend.token(fresh("other"))).get("status"))
          .isEqualTo("403");
      backend.pushAll("user:" + user, "still me");
      receives(client, "still me");
    }
  }

  @Test
  void aChannelIsFollowedByRightOnly() {
    try (Client client = connect(null)) {
      welcome(client);
      assertThat(ask(client, "subscribe", "channel", topic).get("status")).isEqualTo("403");
      String token = backend.token("", topic);
      assertThat(ask(client, "subscribe", "channel", topic, "token", token).get("type"))
          .isEqualTo("subscribed");
      backend.pushAll(topic, "news");
      receives(client, "news");
      assertThat(ask(client, "unsubscribe", "channel", topic).get("type"))
          .isEqualTo("unsubscribed");
      backend.pushAll(topic, "unread");
      assertThat(ask(client, "unsubscribe", "channel", topic).get("status")).isEqualTo("409");
    }
  }

  @Test
  void aClientThatComesBackResumes() {
    String token = backend.token("", topic);
    String position;
    try (Client client = connect(null)) {
      welcome(client);
      ask(client, "subscribe", "channel", topic, "token", token);
      backend.pushAll(topic, "one");
      position = receives(client, "one");
    }
    backend.pushAll(topic, "two", "three");
    try (Client client = connect(null)) {
      welcome(client);
      Map<String, String> answer =
          ask(client, "subscribe", "channel", topic, "token", token, "since", position);
      assertThat(answer.get("recovered")).isEqualTo("true");
      receives(client, "two", "three");
      nothingElse(client);
    }
  }

  @Test
  void aLostPastIsTold() {
    try (Client client = connect(null)) {
      welcome(client);
      backend.pushAll(topic, "left");
      Map<String, String> answer =
          ask(
              client,
              "subscribe",
              "channel",
              topic,
              "token",
              backend.token("", topic),
              "since",
              "elsewhere:7");
      assertThat(answer.get("recovered")).isEqualTo("false");
      receives(client, "left");
    }
  }

  @Test
  void anAcknowledgementReachesThePublisher() {
    try (Client client = connect(backend.token(user))) {
      welcome(client);
      CompletableFuture<?> answer =
          backend
              .pushing("user:" + user, "act", "wait=acked&timeout=9s")
              .thenAccept(acked -> assertThat(acked.text("outcome")).isEqualTo("acked"));
      String position = receives(client, "act");
      send(client, "ack", "channel", "user:" + user, "position", "elsewhere:7");
      assertThat(client.next().get("status")).isEqualTo("409");
      send(client, "ack", "channel", "user:" + user, "position", position);
      answer.join();
    }
  }

  @Test
  void aRightThatEndsIsToldAndCanBeRenewed() {
    try (Client client = connect(null)) {
      welcome(client);
      String token = backend.token("", "60s", new String[] {topic});
      assertThat(ask(client, "subscribe", "channel", topic, "token", token)).containsKey("expires");
      clock.advance(Duration.ofSeconds(62));
      Map<String, String> end = client.next();
      assertThat(end.get("channel")).isEqualTo(topic);
      assertThat(end.get("problem")).isEqualTo("/problems/subscription-expired");
      String fresh = backend.token("", topic);
      assertThat(ask(client, "subscribe", "channel", topic, "token", fresh).get("type"))
          .isEqualTo("subscribed");
      backend.pushAll(topic, "again");
      receives(client, "again");
    }
  }

  @Test
  void theTokensEndIsTheSessionsEnd() {
    try (Client client = connect(backend.token(user, "60s", new String[0]))) {
      welcome(client);
      clock.advance(Duration.ofSeconds(62));
      ends(client, "token", "4401");
    }
  }

  @Test
  void aClientThatAsksTooMuchIsClosed() {
    try (Client client = connect(null)) {
      welcome(client);
      for (int i = 0; i < 400; i++) {
        client.send(Map.of("type", "ping", "id", "7"));
      }
      Map<String, String> event = client.next();
      while (event.get("type").equals("pong")) {
        event = client.next();
      }
      assertThat(event.get("reason")).isEqualTo("too_many");
      assertThat(client.next().get("code")).isEqualTo("4429");
    }
  }

  @Test
  void aSessionFollowsABoundedNumberOfChannels() {
    String[] topics = new String[63];
    for (int i = 0; i < topics.length; i++) {
      topics[i] = "topic:" + fresh("bounded");
    }
    try (Client client = connect(backend.token(user, topics))) {
      welcome(client);
      // It follows itself, its user and everyone already.
      for (int i = 0; i < 61; i++) {
        assertThat(ask(client, "subscribe", "channel", topics[i]).get("type"))
            .isEqualTo("subscribed");
      }
      assertThat(ask(client, "subscribe", "channel", topics[61]).get("status")).isEqualTo("429");
    }
  }

  @Test
  void whatIsNoRequestClosesTheConnection() {
    try (Client client = connect(null)) {
      welcome(client);
      client.sendGarbage();
      ends(client, "bad_frame", "4400");
    }
  }

  @Test
  void aDrainingNodeSaysByeAndTheClientComesBack() {
    try (Client client = connect(null)) {
      welcome(client);
      CompletableFuture<Void> drained = new CompletableFuture<>();
      drain.stop(() -> drained.complete(null));
      try {
        assertThat(ends(client, "drain", "1001").get("comeBack")).isEqualTo("true");
        drained.join();
      } finally {
        drain.start();
      }
    }
  }

  @Test
  void aSlowClientGetsAllThatTheLogHolds() {
    try (Client client = connect(null)) {
      welcome(client);
      ask(client, "subscribe", "channel", topic, "token", backend.token("", topic));
      client.stopsReading();
      String[] large = new String[40];
      for (int i = 0; i < large.length; i++) {
        large[i] = i + "x".repeat(20_000);
      }
      backend.pushAll(topic, large);
      client.readsOn();
      receives(client, large);
      nothingElse(client);
    }
  }

  // How a client is spoken to ---------------------------------------------------------------------

  private static Map<String, String> welcome(Client client) {
    Map<String, String> welcome = client.next();
    assertThat(welcome.get("type")).as("%s", welcome).isEqualTo("welcome");
    return welcome;
  }

  private static Map<String, String> send(Client client, String type, String... fields) {
    Map<String, String> request = new HashMap<>();
    request.put("type", type);
    for (int i = 0; i < fields.length; i += 2) {
      request.put(fields[i], fields[i + 1]);
    }
    client.send(request);
    return request;
  }

  /** The next event is its answer. */
  private Map<String, String> ask(Client client, String type, String... fields) {
    String id = String.valueOf(++requests);
    String[] withId = Arrays.copyOf(fields, fields.length + 2);
    withId[fields.length] = "id";
    withId[fields.length + 1] = id;
    send(client, type, withId);
    Map<String, String> answer = client.next();
    assertThat(answer.get("id")).as("%s", answer).isEqualTo(id);
    return answer;
  }

  /** Answers the position of the last. */
  private static String receives(Client client, String... texts) {
    String position = "";
    for (String text : texts) {
      Map<String, String> message = client.next();
      assertThat(message.get("data")).as("%s", message).isEqualTo(text);
      position = message.get("position");
    }
    return position;
  }

  private void nothingElse(Client client) {
    assertThat(ask(client, "ping").get("type")).isEqualTo("pong");
  }

  private static Map<String, String> ends(Client client, String reason, String code) {
    Map<String, String> bye = client.next();
    assertThat(bye.get("reason")).as("%s", bye).isEqualTo(reason);
    assertThat(client.next().get("code")).isEqualTo(code);
    return bye;
  }
}

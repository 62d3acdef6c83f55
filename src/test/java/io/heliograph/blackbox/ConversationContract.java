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

  final String user = fresh("talker");
  final String topic = "topic:" + fresh("talk");
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
  void aChannelIsSubscribedByRightOnly() {
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
      nothingElse(client);
    }
  }

  @Test
  void aChannelWithoutASubscriptionCannotBeUnsubscribed() {
    try (Client client = connect(null)) {
      welcome(client);
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
  void aLostPastIsReported() {
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
  void aRightThatEndsIsReportedAndCanBeRenewed() {
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

  // What clients publish --------------------------------------------------------------------------

  @Test
  void aPublishReachesTheSubscribersWithItsSender() {
    try (Client reader = connect(backend.token("", topic));
        Client writer = connect(backend.sender(user, topic))) {
      welcome(reader);
      ask(reader, "subscribe", "channel", topic);
      welcome(writer);
      Map<String, String> answer =
          ask(writer, "publish", "channel", topic, "event", "chat", "data", "hello");
      assertThat(answer.get("type")).as("%s", answer).isEqualTo("published");
      assertThat(answer).doesNotContainKey("repeated");
      Map<String, String> message = reader.next();
      assertThat(message)
          .containsEntry("from", user)
          .containsEntry("event", "chat")
          .containsEntry("data", "hello")
          .containsEntry("position", answer.get("position"));
      backend.pushAll(topic, "of the backend");
      assertThat(reader.next()).containsEntry("event", "message").doesNotContainKey("from");
    }
  }

  @Test
  void onlyTheTokenGivesTheRightToPublish() {
    String rooms = topic + "-room-";
    try (Client client = connect(backend.sender(user, rooms + "*"))) {
      welcome(client);
      assertThat(publish(client, rooms + "7").get("type")).isEqualTo("published");
      for (String other : new String[] {topic, "user:" + user, "everyone", "topic:elsewhere"}) {
        assertThat(publish(client, other).get("status")).as(other).isEqualTo("403");
      }
    }
    try (Client client = connect(null)) {
      welcome(client);
      assertThat(publish(client, topic).get("status")).isEqualTo("403");
    }
  }

  @Test
  void aRenewedTokenGivesTheRightToPublish() {
    try (Client client = connect(backend.token(user, topic))) {
      welcome(client);
      assertThat(publish(client, topic).get("status")).isEqualTo("403");
      String token = backend.sender(user, topic);
      assertThat(ask(client, "auth", "token", token).get("type")).isEqualTo("authenticated");
      assertThat(publish(client, topic).get("type")).isEqualTo("published");
    }
  }

  @Test
  void aPublishThatIsRepeatedAfterACutAppendsOnce() {
    Map<String, String> first;
    try (Client client = connect(backend.sender(user, topic))) {
      welcome(client);
      first = ask(client, "publish", "channel", topic, "data", "once", "idempotencyKey", "k1");
    }
    try (Client client = connect(backend.sender(user, topic))) {
      welcome(client);
      Map<String, String> again =
          ask(client, "publish", "channel", topic, "data", "once", "idempotencyKey", "k1");
      assertThat(again)
          .containsEntry("message", first.get("message"))
          .containsEntry("position", first.get("position"))
          .containsEntry("repeated", "true");
    }
    // A key is its user's: another's never hides a message.
    try (Client other = connect(backend.sender(fresh("other"), topic))) {
      welcome(other);
      assertThat(ask(other, "publish", "channel", topic, "data", "2", "idempotencyKey", "k1"))
          .containsEntry("type", "published")
          .doesNotContainKey("repeated");
    }
    var log = backend.get("/v1/channels/" + topic + "/messages").json().get("messages");
    assertThat(log.size()).isEqualTo(2);
    assertThat(log.get(0).get("from").stringValue()).isEqualTo(user);
  }

  @Test
  void aPublisherThatIsTooFastLearnsWhenToGoOn() {
    try (Client client = connect(backend.sender(user, topic))) {
      welcome(client);
      Map<String, String> answer = publish(client, topic);
      int published = 0;
      while (answer.get("type").equals("published")) {
        published++;
        answer = publish(client, topic);
      }
      assertThat(published).isGreaterThanOrEqualTo(10);
      assertThat(answer.get("status")).isEqualTo("429");
      assertThat(Duration.parse(answer.get("retryAfter")))
          .isPositive()
          .isLessThanOrEqualTo(Duration.ofMillis(200));
      nothingElse(client);
    }
  }

  @Test
  void whatRestRefusesIsRefusedHereToo() {
    try (Client client = connect(backend.sender(user, topic))) {
      welcome(client);
      assertThat(
              ask(client, "publish", "channel", topic, "event", "a b", "data", "1").get("status"))
          .isEqualTo("400");
      String large = "x".repeat(4097);
      assertThat(ask(client, "publish", "channel", topic, "data", large).get("status"))
          .isEqualTo("413");
      String longKey = "k".repeat(65);
      assertThat(
              ask(client, "publish", "channel", topic, "data", "1", "idempotencyKey", longKey)
                  .get("status"))
          .isEqualTo("400");
      assertThat(ask(client, "call", "method", "order.cancel", "data", "1").get("status"))
          .isEqualTo("404");
    }
  }

  Map<String, String> publish(Client client, String channel) {
    return ask(client, "publish", "channel", channel, "data", "text");
  }

  // How a client is spoken to ---------------------------------------------------------------------

  static Map<String, String> welcome(Client client) {
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
  Map<String, String> ask(Client client, String type, String... fields) {
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
  static String receives(Client client, String... texts) {
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

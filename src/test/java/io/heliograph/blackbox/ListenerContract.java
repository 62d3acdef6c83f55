package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.heliograph.hub.Drain;
import io.heliograph.message.Channel;
import io.heliograph.session.SessionRegistry;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/**
 * What every client can rely on that cannot send on its connection. Each promise of {@link
 * ConversationContract} has a test of the same name here: the promise itself, or what takes its
 * place.
 */
abstract class ListenerContract extends BlackBox {

  /** A client that listens; events are fields by name, as in version 1 of the protocol. */
  interface Listener extends AutoCloseable {

    /** The next event; fails when none comes. The connection's end is one of type closed. */
    Map<String, String> next();

    /** Where it is on all its channels. */
    String position();

    /** Sends what no client of this kind sends, where it can send at all. */
    void sendGarbage();

    void stopsReading();

    void readsOn();

    /** Leaves without a word. */
    @Override
    void close();
  }

  @Autowired Drain drain;
  @Autowired SessionRegistry registry;

  private final String user = fresh("listener");
  private final String topic = "topic:" + fresh("listen");

  /**
   * @param token null: anonymous
   * @param since null: it begins
   * @param channels none: those of the token
   * @throws AssertionError with the answer, when it is refused
   */
  abstract Listener listen(@Nullable String token, @Nullable String since, String... channels);

  /** What the server lets a client of this kind do that it has closed for good: the status. */
  abstract int statusOfReturn(String position);

  @AfterEach
  void theServiceIsAsWellAsBefore() {
    alive();
  }

  /** What clients that only listen cannot ask for. */
  private static final List<String> OF_SENDERS =
      List.of(
          "aPublisherThatIsTooFastLearnsWhenToGoOn",
          "aPublishReachesTheSubscribersWithItsSender",
          "onlyTheTokenGivesTheRightToPublish",
          "aRenewedTokenGivesTheRightToPublish",
          "aChannelWithoutASubscriptionCannotBeUnsubscribed",
          "aPublishThatIsRepeatedAfterACutAppendsOnce",
          "whatRestRefusesIsRefusedHereToo");

  @Test
  void eachPromiseOfAConversationIsKeptOrReplaced() {
    List<String> open = new ArrayList<>(tests(ConversationContract.class));
    open.removeAll(tests(ListenerContract.class));
    assertThat(open).containsExactlyInAnyOrderElementsOf(OF_SENDERS);
  }

  private static List<String> tests(Class<?> contract) {
    return Arrays.stream(contract.getDeclaredMethods())
        .filter(method -> method.isAnnotationPresent(Test.class))
        .map(Method::getName)
        .toList();
  }

  @Test
  void theFirstEventIsTheWelcome() {
    try (Listener client = listen(null, null)) {
      Map<String, String> welcome = welcome(client);
      assertThat(welcome.get("session")).isNotEmpty();
      assertThat(welcome).doesNotContainKeys("user", "expires");
      assertThat(welcome.get("recovered")).isEqualTo("true");
    }
  }

  @Test
  void anIdentityThatIsKnownEarlyGetsItsUsersMessages() {
    try (Listener client = listen(backend.token(user), null)) {
      welcome(client);
      backend.pushAll("user:" + user, "for me");
      receives(client, "for me");
    }
  }

  /** The identity is known from the start; what was queued comes with it. */
  @Test
  void anIdentityThatComesLateGetsWhatWasQueued() {
    backend.pushAll("user:" + user, "waiting");
    try (Listener client = listen(backend.token(user), null)) {
      welcome(client);
      receives(client, "waiting");
    }
  }

  /** There is no session yet when a token is refused. */
  @Test
  void aRefusedTokenLeavesTheSessionAsItWas() {
    assertThatThrownBy(() -> listen("nonsense", null)).hasMessageContaining("401");
  }

  @Test
  void aChannelIsSubscribedByRightOnly() {
    assertThatThrownBy(() -> listen(backend.token(user), null, topic)).hasMessageContaining("403");
    assertThatThrownBy(() -> listen(null, null, "user:" + user)).isInstanceOf(AssertionError.class);
    String other = "topic:" + fresh("listen");
    try (Listener client = listen(backend.token(user, topic, other), null, topic)) {
      welcome(client);
      backend.pushAll(other, "not asked for");
      backend.pushAll(topic, "news");
      receives(client, "news");
    }
  }

  @Test
  void aClientThatComesBackResumes() {
    String token = backend.token(user, topic);
    String position;
    try (Listener client = listen(token, null)) {
      welcome(client);
      backend.pushAll(topic, "one");
      receives(client, "one");
      position = client.position();
    }
    backend.pushAll("user:" + user, "two");
    backend.pushAll(topic, "three", "four");
    try (Listener client = listen(token, position)) {
      Map<String, String> welcome = welcome(client);
      assertThat(welcome.get("recovered")).isEqualTo("true");
      assertThat(welcome.get("lost")).isEqualTo("[]");
      receives(client, "two", "three", "four");
    }
  }

  @Test
  void aSilentClientResumes() {
    String token = backend.token(user, topic);
    String position;
    try (Listener client = listen(token, null)) {
      welcome(client);
      position = client.position();
    }
    backend.pushAll(topic, "meanwhile");
    try (Listener client = listen(token, position)) {
      welcome(client);
      receives(client, "meanwhile");
    }
  }

  @Test
  void aLostPastIsReported() {
    String token = backend.token(user, topic);
    String position;
    try (Listener client = listen(token, null)) {
      welcome(client);
      backend.pushAll(topic, "left");
      receives(client, "left");
      position = client.position();
    }
    String elsewhere = position.replaceFirst("~[^~]*$", "~elsewhere:7");
    try (Listener client = listen(token, elsewhere)) {
      Map<String, String> welcome = welcome(client);
      assertThat(welcome.get("recovered")).isEqualTo("false");
      assertThat(welcome.get("lost")).isEqualTo("[\"" + topic + "\"]");
      receives(client, "left");
    }
  }

  @Test
  void aPositionOfOtherChannelsIsNeverReadAsOneOfThese() {
    String position;
    try (Listener client = listen(backend.token(user, topic), null)) {
      welcome(client);
      position = client.position();
    }
    String other = "topic:" + fresh("listen");
    for (String since : List.of(position, "garbage", "1.", position + "~", "x".repeat(4000))) {
      String user = fresh("listener");
      backend.pushAll("user:" + user, "undelivered");
      try (Listener client = listen(backend.token(user, other), since)) {
        Map<String, String> welcome = welcome(client);
        assertThat(welcome.get("recovered")).isEqualTo("false");
        assertThat(welcome.get("lost"))
            .isEqualTo("[\"everyone\",\"user:" + user + "\",\"" + other + "\"]");
        receives(client, "undelivered");
      }
    }
  }

  /** Nothing is acknowledged; a publish that waits for it learns that the message was delivered. */
  @Test
  void anAcknowledgementReachesThePublisher() {
    try (Listener client = listen(backend.token(user), null)) {
      welcome(client);
      listens();
      CompletableFuture<?> answer =
          backend
              .pushing("user:" + user, "act", "wait=acked&timeout=1s")
              .thenAccept(acked -> assertThat(acked.text("outcome")).isEqualTo("delivered"));
      receives(client, "act");
      answer.join();
    }
  }

  /** All rights are the token's and end with it. */
  @Test
  void aRightThatEndsIsReportedAndCanBeRenewed() {
    String position;
    try (Listener client = listen(backend.token(user, "60s", new String[] {topic}), null)) {
      welcome(client);
      clock.advance(Duration.ofSeconds(62));
      ends(client, "token");
      position = client.position();
    }
    backend.pushAll(topic, "again");
    try (Listener client = listen(backend.token(user, topic), position)) {
      assertThat(welcome(client).get("recovered")).isEqualTo("true");
      receives(client, "again");
    }
  }

  @Test
  void theTokensEndIsTheSessionsEnd() {
    String token = backend.token(user, "60s", new String[0]);
    try (Listener client = listen(token, null)) {
      welcome(client);
      clock.advance(Duration.ofSeconds(62));
      assertThat(ends(client, "token").get("comeBack")).isEqualTo("true");
      clock.advance(Duration.ofSeconds(40));
      assertThatThrownBy(() -> listen(token, null)).hasMessageContaining("401");
    }
  }

  /** There is nothing to ask on the connection. */
  @Test
  void aClientThatAsksTooMuchIsClosed() {
    sendsGarbage();
  }

  @Test
  void whatIsNoRequestClosesTheConnection() {
    sendsGarbage();
  }

  private void sendsGarbage() {
    try (Listener client = listen(backend.token(user), null)) {
      welcome(client);
      client.sendGarbage();
    }
  }

  @Test
  void aSessionFollowsABoundedNumberOfChannels() {
    String[] topics = new String[62];
    for (int i = 0; i < topics.length; i++) {
      topics[i] = "topic:" + fresh("bounded");
    }
    assertThatThrownBy(() -> listen(backend.token(user, topics), null)).hasMessageContaining("429");
    try (Listener client = listen(backend.token(user, topics), null, Arrays.copyOf(topics, 16))) {
      welcome(client);
      backend.pushAll(topics[15], "the last");
      receives(client, "the last");
    }
    assertThatThrownBy(() -> listen(backend.token(user, topics), null, Arrays.copyOf(topics, 17)))
        .hasMessageContaining("400");
  }

  @Test
  void aDrainingNodeSaysByeAndTheClientComesBack() {
    try (Listener client = listen(backend.token(user), null)) {
      welcome(client);
      listens();
      CompletableFuture<Void> drained = new CompletableFuture<>();
      drain.stop(() -> drained.complete(null));
      try {
        assertThat(ends(client, "drain").get("comeBack")).isEqualTo("true");
        drained.join();
        assertThatThrownBy(() -> listen(backend.token(user), null)).hasMessageContaining("503");
      } finally {
        drain.start();
      }
    }
  }

  @Test
  void aClientThatIsToStayAwayGetsTheSameAnswerAgain() {
    try (Listener client = listen(backend.token(user), null)) {
      welcome(client);
      // A poll may be between two sessions.
      await()
          .until(
              () -> backend.delete("/v1/users/" + user + "/sessions").json().get("closed").asInt(),
              closed -> closed > 0);
      assertThat(ends(client, "policy").get("comeBack")).isEqualTo("false");
      assertThat(statusOfReturn(client.position())).isIn(204, 410);
    }
  }

  @Test
  void aSlowClientGetsAllThatTheLogHolds() {
    try (Listener client = listen(backend.token(user, topic), null)) {
      welcome(client);
      client.stopsReading();
      String[] large = new String[40];
      for (int i = 0; i < large.length; i++) {
        large[i] = i + "x".repeat(20_000);
      }
      backend.pushAll(topic, large);
      client.readsOn();
      receives(client, large);
    }
  }

  /** Waits until the user's client is there: a poll may be between two sessions. */
  private void listens() {
    await().until(() -> registry.subscriberCount(new Channel.User(user)) > 0);
  }

  // How a client is spoken to ---------------------------------------------------------------------

  static Map<String, String> welcome(Listener client) {
    Map<String, String> welcome = client.next();
    assertThat(welcome.get("type")).as("%s", welcome).isEqualTo("welcome");
    return welcome;
  }

  static void receives(Listener client, String... texts) {
    for (String text : texts) {
      Map<String, String> message = client.next();
      assertThat(message.get("data")).as("%s", message).isEqualTo(text);
    }
  }

  static Map<String, String> ends(Listener client, String reason) {
    Map<String, String> bye = client.next();
    assertThat(bye.get("reason")).as("%s", bye).isEqualTo(reason);
    assertThat(client.next().get("type")).isEqualTo("closed");
    return bye;
  }
}

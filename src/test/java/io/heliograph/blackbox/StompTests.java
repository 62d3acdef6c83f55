package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.hub.HubParts;
import io.heliograph.message.Channel;
import io.heliograph.support.StompTab;
import io.heliograph.support.StompTab.Frame;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.json.JsonMapper;

/** What is STOMP's own: versions, destinations, ids, acknowledgements, receipts. */
class StompTests extends BlackBox {

  @Autowired HubParts parts;

  private final String user = fresh("stomper");
  private final String topic = fresh("stomp");

  private StompTab tab() {
    return StompTab.connected(port, backend.token(user, "topic:" + topic));
  }

  private void push(String... texts) {
    backend.pushAll("topic:" + topic, texts);
  }

  private static String json(String text) {
    return JsonMapper.shared().writeValueAsString(text);
  }

  private static String ack(Frame message) {
    return "id:" + StompTab.escape(message.header("ack"));
  }

  // Connecting ------------------------------------------------------------------------------------

  @Test
  void theServerSaysWhoItIsAndHowOftenItBeats() {
    try (StompTab tab = StompTab.connecting(port, backend.token(user))) {
      Frame connected = tab.next("CONNECTED");
      assertThat(connected.headers())
          .containsEntry("version", "1.2")
          .containsEntry("user-name", user)
          .containsEntry("server", "heliograph")
          .containsEntry("heart-beat", "50000,0")
          .containsKey("expires");
      assertThat(parts.registry().session(connected.header("session"))).isNotNull();
    }
  }

  @ParameterizedTest
  @CsvSource({"1.0,1.0", "'1.0,1.1',1.1", "'1.2, 1.1',1.2", "'2.0,1.2',1.2"})
  void theNewestVersionThatBothSpeakIsSpoken(String accepted, String spoken) {
    try (StompTab tab = StompTab.open(port)) {
      tab.send("CONNECT", "accept-version:" + accepted, "host:x");
      assertThat(tab.next("CONNECTED").header("version")).isEqualTo(spoken);
    }
  }

  @Test
  void aSessionIsPresentBeforeItSubscribes() {
    try (StompTab tab = tab()) {
      assertThat(parts.registry().subscribers(new Channel.User(user))).hasSize(1);
      backend.pushAll("user:" + user, "later");
      tab.thenNothing();
      tab.subscribe("1", "/user/queue/inbox");
      tab.receives(json("later"));
    }
  }

  @Test
  void aLeavingClientGetsItsReceipt() {
    try (StompTab tab = tab()) {
      tab.send("DISCONNECT", "receipt:bye").send("NACK", "receipt:unheard");
      assertThat(tab.next("RECEIPT").header("receipt-id")).isEqualTo("bye");
      tab.closesWith(1000);
    }
  }

  @Test
  void aHeartbeatIsAnEmptyLineBesideAPing() {
    try (StompTab tab = tab()) {
      // A message that is not acknowledged is followed by a ping soon.
      tab.subscribe("1", "/user/queue/inbox");
      backend.pushAll("user:" + user, "ping me");
      tab.receives(json("ping me"));
      await().until(() -> tab.heartbeats() > 0);
    }
  }

  // Destinations ----------------------------------------------------------------------------------

  @Test
  void destinationsAreChannelsOrWhatSpringApplicationsWrite() {
    String nested = fresh("nested");
    try (StompTab tab =
        StompTab.connected(
            port, backend.token(user, "topic:" + topic, "topic:" + nested + ".a.b"))) {
      tab.subscribe("1", "topic:" + topic);
      tab.subscribe("2", "/topic/" + nested + "/a/b");
      tab.subscribe("3", "/topic/everyone");
      tab.subscribe("4", "/user");
      Frame own = tab.subscribe("5", "/queue/session");
      assertThat(own.headers()).containsKey("position").containsEntry("recovered", "true");
      push("one");
      backend.pushAll("topic:" + nested + ".a.b", "two");
      backend.pushAll("everyone", "three");
      backend.pushAll("user:" + user, "four");
      for (String id : new String[] {"1", "2", "3", "4"}) {
        assertThat(tab.next("MESSAGE").header("subscription")).isEqualTo(id);
      }
    }
  }

  @Test
  void aMessageSaysAllThatIsKnownOfIt() {
    try (StompTab tab = tab()) {
      tab.subscribe("a:b", "/topic/" + topic);
      push("text");
      Frame message = tab.next("MESSAGE");
      assertThat(message.body()).isEqualTo(json("text"));
      assertThat(message.headers())
          .containsEntry("subscription", "a:b")
          .containsEntry("destination", "/topic/" + topic)
          .containsEntry("channel", "topic:" + topic)
          .containsEntry("event", "message")
          .containsEntry("content-type", "application/json")
          .containsKeys("message-id", "position", "time", "content-length")
          .doesNotContainKeys("ack", "from");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/queue/other",
        "/user/queue/reply/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            + "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            + "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "/exchange/x",
        "/app/call",
        "/topic/a b",
        "topic:",
        "nonsense",
        "login:abcdefghijklmnopqrstuv",
        "user:somebody-else",
        "session:abcdefghijklmnopqrstuv",
        "/topic/not-named"
      })
  void aRefusalGoesToTheSubscriptionAndTheConnectionStays(String destination) {
    try (StompTab tab = tab()) {
      Frame refusal = tab.subscribe("1", destination);
      assertThat(refusal.command()).isEqualTo("MESSAGE");
      assertThat(refusal.headers())
          .containsEntry("subscription", "1")
          .containsEntry("event", "error")
          .containsEntry("receipt-id", "r-1")
          .containsEntry("destination", destination);
      assertThat(refusal.body()).contains("\"status\":4");
      // Its id is free, and a late unsubscribe harms nothing.
      tab.send("UNSUBSCRIBE", "id:1").thenNothing();
      assertThat(tab.subscribe("1", "everyone").command()).isEqualTo("RECEIPT");
    }
  }

  @Test
  void anAnonymousSessionHasNoUser() {
    try (StompTab tab = StompTab.connected(port, null)) {
      assertThat(tab.subscribe("1", "/user/queue/inbox").body()).contains("anonymous");
      assertThat(tab.subscribe("1", "/topic/everyone").command()).isEqualTo("RECEIPT");
    }
  }

  // Several subscriptions to one channel ----------------------------------------------------------

  @Test
  void eachSubscriptionOfAChannelGetsACopy() {
    try (StompTab tab = tab()) {
      tab.subscribe("a", "/topic/" + topic);
      push("one");
      assertThat(tab.next("MESSAGE").header("subscription")).isEqualTo("a");
      assertThat(tab.subscribe("b", "topic:" + topic).command()).isEqualTo("RECEIPT");
      push("two");
      assertThat(tab.next("MESSAGE").header("destination")).isEqualTo("/topic/" + topic);
      assertThat(tab.next("MESSAGE").header("destination")).isEqualTo("topic:" + topic);
      tab.send("UNSUBSCRIBE", "id:a", "receipt:gone");
      assertThat(tab.next("RECEIPT").header("receipt-id")).isEqualTo("gone");
      push("three");
      assertThat(tab.next("MESSAGE").header("subscription")).isEqualTo("b");
      tab.thenNothing();
    }
  }

  /** A page's components come back, each with its own position. */
  @Test
  void eachResumesWhereItWas() {
    String first;
    String second;
    try (StompTab tab = tab()) {
      tab.subscribe("a", "/topic/" + topic);
      push("one", "two", "three");
      first = "since:" + StompTab.escape(tab.next("MESSAGE").header("position"));
      second = "since:" + StompTab.escape(tab.next("MESSAGE").header("position"));
    }
    try (StompTab tab = tab()) {
      tab.subscribe("late", "/topic/" + topic, second);
      tab.receives(json("three"));
      tab.subscribe("early", "/topic/" + topic, first);
      for (String text : new String[] {"two", "three"}) {
        Frame message = tab.next("MESSAGE");
        assertThat(message.header("subscription")).isEqualTo("early");
        assertThat(message.body()).isEqualTo(json(text));
      }
      tab.subscribe("now", "/topic/" + topic);
      push("four");
      for (String id : new String[] {"late", "early", "now"}) {
        assertThat(tab.next("MESSAGE").header("subscription")).isEqualTo(id);
      }
      tab.thenNothing();
    }
  }

  /** The others are sent nothing twice and lose nothing, though their queue is read again. */
  @Test
  void aResumeWhileTheClientIsSlowLosesNothingAndDoublesNothing() {
    try (StompTab tab = tab()) {
      Frame begin = tab.subscribe("a", "/topic/" + topic);
      String since = "since:" + StompTab.escape(begin.header("position"));
      tab.stopsReading();
      String[] large = new String[40];
      for (int i = 0; i < large.length; i++) {
        large[i] = i + "x".repeat(20_000);
      }
      push(large);
      tab.send("SUBSCRIBE", "id:b", "destination:/topic/" + topic, since, "receipt:b");
      push("last");
      tab.readsOn();
      int a = 0;
      int b = 0;
      while (a <= large.length || b <= large.length) {
        Frame frame = tab.next();
        if (frame.command().equals("RECEIPT")) {
          continue;
        }
        boolean isA = frame.header("subscription").equals("a");
        int expected = isA ? a++ : b++;
        assertThat(frame.body())
            .as("%d and %d so far", a, b)
            .isEqualTo(json(expected < large.length ? large[expected] : "last"));
      }
      tab.thenNothing();
    }
  }

  @Test
  void subscriptionsToOneChannelAreLimited() {
    try (StompTab tab = tab()) {
      for (int i = 0; i < 8; i++) {
        assertThat(tab.subscribe("s" + i, "/topic/" + topic).command()).isEqualTo("RECEIPT");
      }
      assertThat(tab.subscribe("s8", "/topic/" + topic).body()).contains("\"status\":429");
      push("one");
      for (int i = 0; i < 8; i++) {
        assertThat(tab.next("MESSAGE").header("subscription")).isEqualTo("s" + i);
      }
      tab.thenNothing();
    }
  }

  // Loss ------------------------------------------------------------------------------------------

  @Test
  void aLossIsReportedWithOrWithoutAReceipt() {
    push("left");
    String since = "since:elsewhere\\c7";
    try (StompTab tab = tab()) {
      assertThat(tab.subscribe("a", "/topic/" + topic, since).header("recovered"))
          .isEqualTo("false");
      tab.receives(json("left"));
    }
    try (StompTab tab = tab()) {
      tab.send("SUBSCRIBE", "id:a", "destination:/topic/" + topic, since);
      Frame gap = tab.next("MESSAGE");
      assertThat(gap.headers()).containsEntry("event", "gap").containsEntry("subscription", "a");
      assertThat(JsonMapper.shared().readTree(gap.body()).path("type").stringValue())
          .isEqualTo("gap");
      tab.receives(json("left"));
    }
  }

  @Test
  void aRightThatEndsEndsEachOfItsSubscriptions() {
    String other = fresh("expiring");
    String token = backend.token("", "60s", new String[] {"topic:" + other});
    try (StompTab tab = tab()) {
      tab.subscribe("a", "/topic/" + other, "token:" + token);
      tab.subscribe("b", "/topic/" + other, "token:" + token);
      clock.advance(Duration.ofSeconds(62));
      for (String id : new String[] {"a", "b"}) {
        Frame end = tab.next("MESSAGE");
        assertThat(end.headers()).containsEntry("event", "error").containsEntry("subscription", id);
        assertThat(end.body()).contains("subscription-expired");
      }
      tab.send("UNSUBSCRIBE", "id:a", "receipt:u");
      assertThat(tab.next("RECEIPT").header("receipt-id")).isEqualTo("u");
    }
  }

  // Acknowledgements ------------------------------------------------------------------------------

  private CompletableFuture<String> outcome(String text) {
    return backend
        .pushing("user:" + user, text, "wait=acked&timeout=20s")
        .thenApply(answer -> answer.text("outcome"));
  }

  @Test
  void anAcknowledgementCountsForAllBefore() {
    try (StompTab tab = tab()) {
      tab.subscribe("1", "/user/queue/inbox", "ack:client");
      var one = outcome("one");
      tab.next("MESSAGE");
      var two = outcome("two");
      Frame second = tab.next("MESSAGE");
      tab.send("ACK", ack(second), "receipt:a");
      assertThat(tab.next("RECEIPT").header("receipt-id")).isEqualTo("a");
      assertThat(one.join()).isEqualTo("acked");
      assertThat(two.join()).isEqualTo("acked");
    }
  }

  @Test
  void anIndividualOneCountsOnceAllBeforeAreAcknowledged() {
    try (StompTab tab = tab()) {
      tab.subscribe("1", "/user/queue/inbox", "ack:client-individual");
      var one = outcome("one");
      Frame first = tab.next("MESSAGE");
      var two = outcome("two");
      Frame second = tab.next("MESSAGE");
      tab.send("ACK", ack(second)).thenNothing();
      assertThat(two).isNotDone();
      tab.send("ACK", ack(first));
      assertThat(one.join()).isEqualTo("acked");
      assertThat(two.join()).isEqualTo("acked");
    }
  }

  @Test
  void anUnknownAcknowledgementIsNotWorthTheConnection() {
    try (StompTab tab = tab()) {
      tab.send("ACK", "id:undefined").send("ACK", "id:e\\c7~nobodys").thenNothing();
      tab.subscribe("errors", "/user/queue/errors");
      tab.send("ACK", "id:undefined", "receipt:x");
      Frame error = tab.next("MESSAGE");
      assertThat(error.headers())
          .containsEntry("subscription", "errors")
          .containsEntry("receipt-id", "x");
      assertThat(error.body()).contains("\"status\":409");
    }
  }

  @Test
  void aNegativeAcknowledgementIsCountedOnly() {
    double before = meters.get("heliograph.stomp.nacks").counter().count();
    try (StompTab tab = tab()) {
      tab.subscribe("1", "/topic/" + topic, "ack:client");
      push("one");
      Frame message = tab.next("MESSAGE");
      tab.send("NACK", ack(message)).thenNothing();
    }
    assertThat(meters.get("heliograph.stomp.nacks").counter().count()).isEqualTo(before + 1);
  }

  /** Clients of 1.0 and 1.1 acknowledge by the message's id, and 1.0 knows no escapes. */
  @ParameterizedTest
  @ValueSource(strings = {"1.0", "1.1"})
  void oldClientsAcknowledgeByTheMessagesId(String version) {
    try (StompTab tab = StompTab.open(port)) {
      tab.send("CONNECT", "accept-version:" + version, "passcode:" + backend.token(user));
      tab.next("CONNECTED");
      tab.send("SUBSCRIBE", "id:1", "destination:/user/queue/inbox", "ack:client");
      var one = outcome("one");
      Frame message = tab.next("MESSAGE");
      assertThat(message.headers()).doesNotContainKey("ack");
      String id = message.header("message-id");
      tab.send(
          "ACK",
          "subscription:1",
          "message-id:" + (version.equals("1.0") ? id : StompTab.escape(id)));
      assertThat(one.join()).isEqualTo("acked");
    }
  }

  @Test
  void aClientOf10NamesASubscriptionByItsDestination() {
    try (StompTab tab = StompTab.open(port)) {
      tab.send("CONNECT", "passcode:" + backend.token(user, "topic:" + topic));
      tab.next("CONNECTED");
      tab.send("SUBSCRIBE", "destination:/topic/" + topic, "receipt:begun").next("RECEIPT");
      push("one");
      assertThat(tab.next("MESSAGE").headers())
          .containsEntry("subscription", "/topic/" + topic)
          .containsEntry("channel", "topic:" + topic);
      tab.send("UNSUBSCRIBE", "destination:/topic/" + topic);
      tab.send("NACK", "receipt:1").next("RECEIPT");
    }
  }

  // What clients send -----------------------------------------------------------------------------

  @Test
  void aSendIsAPublish() {
    String token = backend.sender(user, "topic:" + topic);
    try (StompTab reader = tab();
        StompTab tab = StompTab.connected(port, token)) {
      reader.subscribe("1", "/topic/" + topic);
      tab.sendBody("{\"a\":1}", "SEND", "destination:/topic/" + topic, "event:chat", "receipt:s");
      assertThat(tab.next("RECEIPT").headers())
          .containsEntry("receipt-id", "s")
          .containsKeys("message-id", "position");
      Frame message = reader.next("MESSAGE");
      assertThat(message.body()).isEqualTo("{\"a\":1}");
      assertThat(message.headers()).containsEntry("event", "chat").containsEntry("from", user);
    }
  }

  @Test
  void aRefusedSendEndsTheConnectionUnlessTheClientListensForErrors() {
    try (StompTab tab = tab()) {
      tab.subscribe("errors", "/user/queue/errors");
      tab.sendBody("1", "SEND", "destination:/topic/" + topic, "receipt:s");
      Frame error = tab.next("MESSAGE");
      assertThat(error.headers())
          .containsEntry("subscription", "errors")
          .containsEntry("event", "error")
          .containsEntry("receipt-id", "s");
      assertThat(error.body()).contains("\"status\":403");
      tab.sendBody("no json", "SEND", "destination:/app/echo");
      assertThat(tab.next("MESSAGE").body()).contains("\"status\":4");
      tab.sendBody("1", "SEND", "destination:/user/queue/errors");
      assertThat(tab.next("MESSAGE").body()).contains("\"status\":403");
      tab.thenNothing();
    }
    try (StompTab tab = tab()) {
      tab.sendBody("1", "SEND", "destination:/topic/" + topic, "receipt:s");
      assertThat(tab.failsWith(4403).header("receipt-id")).isEqualTo("s");
    }
  }
}

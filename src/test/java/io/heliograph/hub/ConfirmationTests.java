package io.heliograph.hub;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.broker.memory.MemoryBrokers;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.session.Liveness;
import io.heliograph.session.Session;
import io.heliograph.support.HubOfTests;
import io.heliograph.support.ManualClock;
import io.heliograph.support.RecordingTransport;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The risk: a message that was written to a connection whose client had gone is lost. */
class ConfirmationTests {

  private static final Channel ALICE = new Channel.User("alice");

  private final ManualClock clock = new ManualClock();
  private final HubOfTests world = new HubOfTests(MemoryBrokers.noPeers(), clock);
  private final RecordingTransport gone = new RecordingTransport();
  private final Session session = world.connect("alice", gone);

  @AfterEach
  void stop() {
    world.close();
  }

  @Test
  void aMessageThatNothingConfirmedGoesToTheNextSessionToo() {
    push("hello");
    assertThat(messages(gone)).containsExactly("hello");
    assertThat(nextSession()).containsExactly("hello");
  }

  @Test
  void theAnswerToAPingBehindItConfirms() {
    push("hello");
    assertThat(gone.pings()).isEqualTo(1);
    assertThat(session.pings().onAnswered(gone.lastPing())).isTrue();
    assertThat(nextSession()).isEmpty();
  }

  @Test
  void theAnswerToAnEarlierPingConfirmsNothing() {
    session.pings().ping();
    int before = gone.lastPing();
    push("hello");
    assertThat(session.pings().onAnswered(before)).isTrue();
    assertThat(nextSession()).containsExactly("hello");
  }

  @Test
  void theAnswerToAPingBetweenTwoMessagesConfirmsTheFirst() {
    push("one");
    int between = gone.lastPing();
    push("two");
    assertThat(session.pings().onAnswered(between)).isTrue();
    assertThat(nextSession()).containsExactly("two");
  }

  @Test
  void anAnswerCountsOnceAndANumberThatWasNotAskedNever() {
    push("hello");
    assertThat(session.pings().onAnswered(gone.lastPing() + 1)).isFalse();
    assertThat(session.pings().onAnswered(-1)).isFalse();
    assertThat(session.pings().onAnswered(gone.lastPing())).isTrue();
    assertThat(session.pings().onAnswered(gone.lastPing())).isFalse();
  }

  @Test
  void anAcknowledgementConfirms() {
    push("hello");
    acknowledge();
    assertThat(nextSession()).isEmpty();
  }

  @Test
  void aClientThatAcknowledgesIsNotPingedForEachMessage() {
    push("one");
    acknowledge();
    int pings = gone.pings();
    push("two");
    push("three");
    sweep();
    assertThat(gone.pings()).isEqualTo(pings);
    acknowledge();
    assertThat(nextSession()).isEmpty();
  }

  @Test
  void manyMessagesMakeOnePingASecond() {
    for (int i = 0; i < 100; i++) {
      push("m" + i);
      var _ = session.pings().onAnswered(gone.lastPing());
    }
    assertThat(gone.pings()).isEqualTo(1);
    sweep();
    assertThat(gone.pings()).isEqualTo(2);
    assertThat(session.pings().onAnswered(gone.lastPing())).isTrue();
    assertThat(nextSession()).isEmpty();
  }

  @Test
  void aClientThatNeverAnswersIsNotPingedAgainAndAgain() {
    push("one");
    for (int i = 0; i < 10; i++) {
      push("m" + i);
      sweep();
    }
    assertThat(gone.pings()).isEqualTo(1);
  }

  @Test
  void messagesOfATopicAreNotPinged() {
    world.parts().publisher().publish(Channel.EVERYONE, draft("news")).join();
    sweep();
    assertThat(gone.pings()).isZero();
  }

  /** A stream, as of SSE. */
  @Test
  void whereClientsAnswerNothingTwoFurtherRoundsConfirm() {
    var stream = new RecordingTransport().liveness(Liveness.NONE);
    Session listening = world.connect("bob", stream);
    Channel bob = new Channel.User("bob");
    world.parts().publisher().publish(bob, draft("hello")).join();
    listening.pings().ping();
    listening.pings().ping();
    assertThat(messages(world, "bob")).containsExactly("hello");
    listening.pings().ping();
    assertThat(messages(world, "bob")).isEmpty();
  }

  private void push(String event) {
    world.parts().publisher().publish(ALICE, draft(event)).join();
  }

  private Draft draft(String event) {
    return Draft.of(event, "{}", clock.instant());
  }

  private void acknowledge() {
    var subscription = requireNonNull(session.subscription(ALICE));
    assertThat(
            world
                .parts()
                .subscriptions()
                .acknowledge(session, ALICE, requireNonNull(subscription.cursor())))
        .isTrue();
  }

  private void sweep() {
    world.passes(Duration.ofSeconds(1));
    world.parts().hub().tick();
  }

  private List<String> nextSession() {
    return messages(world, "alice");
  }

  private static List<String> messages(HubOfTests world, String user) {
    var fresh = new RecordingTransport();
    world.connect(user, fresh);
    return messages(fresh);
  }

  private static List<String> messages(RecordingTransport transport) {
    return transport.frames().stream()
        .filter(frame -> frame.startsWith("message user:"))
        .map(frame -> frame.split(" ")[3])
        .toList();
  }
}

package io.heliograph.hub;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.Position;
import io.heliograph.session.Codec;
import io.heliograph.session.Identity;
import io.heliograph.session.Payload;
import io.heliograph.session.ServerEvent;
import io.heliograph.session.Session;
import io.heliograph.support.HubOfTests;
import io.heliograph.support.ManualClock;
import io.heliograph.support.RecordingTransport;
import io.heliograph.support.TextProtocol;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

/**
 * A protocol whose clients subscribe to their own channels. The risk: they are sent what they did
 * not ask for, miss what they asked for, or cannot be found.
 */
class ParkedSubscriptionTests {

  private static final Codec PARKING =
      new Codec() {
        @Override
        public Payload encode(ServerEvent event) {
          return TextProtocol.INSTANCE.encode(event);
        }

        @Override
        public boolean parksOwnChannels() {
          return true;
        }
      };

  private static final Channel ALICE = new Channel.User("alice");

  private final Clock clock = new ManualClock();
  private final StagedBroker broker = new StagedBroker(clock);
  private final AtomicLong nanos = new AtomicLong();
  private final HubParts parts = HubOfTests.on(broker, DataSize.ofKilobytes(64), clock, nanos::get);
  private final RecordingTransport transport = new RecordingTransport().codec(PARKING);

  ParkedSubscriptionTests() {
    parts.start();
  }

  private Session connect() {
    return requireNonNull(parts.hub().connect(transport, new Identity("alice", Set.of(), null)));
  }

  private Position push(Channel channel, String event) {
    return parts
        .publisher()
        .publish(channel, Draft.of(event, "1", clock.instant()))
        .join()
        .position();
  }

  private void subscribe(Session session, Channel channel, @Nullable Position since) {
    parts.subscriptions().subscribe(session, "1", channel, since, ChannelRight.OWN);
  }

  private List<String> written() {
    return transport.frames().stream().map(frame -> frame.split(" ")[0] + last(frame)).toList();
  }

  private static String last(String frame) {
    return frame.startsWith("message") ? frame.substring(frame.lastIndexOf(' ')) : "";
  }

  @Test
  void nothingIsSentBeforeASubscribe() {
    Session session = connect();
    push(Channel.EVERYONE, "to-all");
    push(ALICE, "to-alice");
    push(session.channel(), "to-the-session");
    parts.listener().onInterruption();
    parts.hub().tick();
    assertThat(written()).containsExactly("welcome");
  }

  @Test
  void itIsFoundAllTheSame() {
    connect();
    assertThat(parts.registry().subscribers(ALICE)).hasSize(1);
    assertThat(parts.registry().subscribers(Channel.EVERYONE)).hasSize(1);
  }

  @Test
  void aSubscribeBeginsWithWhatWasNotDelivered() {
    Session session = connect();
    push(ALICE, "waited");
    push(Channel.EVERYONE, "missed");
    subscribe(session, ALICE, null);
    subscribe(session, Channel.EVERYONE, null);
    push(ALICE, "one");
    push(Channel.EVERYONE, "two");
    assertThat(written())
        .containsExactly(
            "welcome", "subscribed", "message waited", "subscribed", "message one", "message two");
  }

  @Test
  void aSubscribeResumes() {
    Session session = connect();
    Position first = push(Channel.EVERYONE, "one");
    push(Channel.EVERYONE, "two");
    subscribe(session, Channel.EVERYONE, first);
    assertThat(written()).containsExactly("welcome", "subscribed", "message two");
  }

  @Test
  void anUnsubscribeParksItAgain() {
    Session session = connect();
    subscribe(session, Channel.EVERYONE, null);
    assertThat(parts.subscriptions().unsubscribe(session, Channel.EVERYONE)).isTrue();
    assertThat(parts.subscriptions().unsubscribe(session, Channel.EVERYONE)).isFalse();
    push(Channel.EVERYONE, "missed");
    assertThat(parts.registry().subscribers(Channel.EVERYONE)).hasSize(1);
    subscribe(session, Channel.EVERYONE, null);
    push(Channel.EVERYONE, "seen");
    assertThat(written()).containsExactly("welcome", "subscribed", "subscribed", "message seen");
  }

  /** Its queue is dropped while it is parked: the next subscribe begins anew, not from there. */
  @Test
  void whatIsDroppedWhileItIsParkedDoesNotCount() {
    Session session = connect();
    subscribe(session, Channel.EVERYONE, null);
    subscribe(session, ALICE, null);
    transport.mode(RecordingTransport.Mode.LATER);
    push(ALICE, "stuck");
    push(Channel.EVERYONE, "queued");
    parts.subscriptions().unsubscribe(session, Channel.EVERYONE);
    parts
        .publisher()
        .publish(ALICE, Draft.of("large", '"' + "x".repeat(60_000) + '"', clock.instant()))
        .join();
    parts
        .publisher()
        .publish(ALICE, Draft.of("larger", '"' + "x".repeat(60_000) + '"', clock.instant()))
        .join();
    push(Channel.EVERYONE, "missed");
    subscribe(session, Channel.EVERYONE, null);
    push(Channel.EVERYONE, "seen");
    transport.completeAll();
    assertThat(written()).contains("message seen").doesNotContain("message missed");
  }

  @Test
  void anUnsubscribeWhileItsPageIsOnItsWayCounts() {
    Session session = connect();
    push(ALICE, "waited");
    broker.holdAnswers();
    subscribe(session, ALICE, null);
    parts.subscriptions().unsubscribe(session, ALICE);
    broker.releaseAnswers();
    push(ALICE, "more");
    assertThat(written()).doesNotContain("message waited", "message more");
    subscribe(session, ALICE, null);
    assertThat(written()).endsWith("subscribed", "message waited", "message more");
  }

  @Test
  void aRefusedSubscribeParksItAgain() {
    broker.away(true);
    Session session = connect();
    assertThat(written()).containsExactly("welcome");
    subscribe(session, ALICE, null);
    broker.away(false);
    parts.hub().tick();
    push(ALICE, "waited");
    assertThat(written()).containsExactly("welcome", "refusal");
    subscribe(session, ALICE, null);
    push(ALICE, "one");
    assertThat(written())
        .containsExactly("welcome", "refusal", "subscribed", "message waited", "message one");
  }

  /** What waits in the queue is read again by the page, and not sent twice. */
  @Test
  void aRestartTakesBackWhatWaits() {
    Session session = connect();
    subscribe(session, Channel.EVERYONE, null);
    Position first = push(Channel.EVERYONE, "one");
    transport.mode(RecordingTransport.Mode.LATER);
    push(Channel.EVERYONE, "two");
    push(Channel.EVERYONE, "three");
    push(Channel.EVERYONE, "four");
    subscribe(session, Channel.EVERYONE, first);
    transport.completeAll();
    assertThat(written())
        .containsExactly(
            "welcome",
            "subscribed",
            "message one",
            "message two",
            "subscribed",
            "message two",
            "message three",
            "message four");
  }
}

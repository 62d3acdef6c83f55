package io.heliograph.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.broker.ClusterBus.Kind;
import io.heliograph.broker.ReceiptWish;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import io.heliograph.session.Session;
import io.heliograph.session.Subscription;
import io.heliograph.support.HubOfTests;
import io.heliograph.support.ManualClock;
import io.heliograph.support.RecordingBus;
import io.heliograph.support.RecordingTransport;
import io.heliograph.support.RecordingTransport.Mode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The risk: a push that waits on another node gets too few receipts, too many, or the same again
 * and again.
 */
class RemoteReceiptTests {

  private static final Channel ALICE = new Channel.User("alice");
  private static final ReceiptWish WISH = new ReceiptWish("elsewhere", Duration.ofSeconds(2));

  private final ManualClock clock = new ManualClock();
  private final RecordingBus peers = RecordingBus.alone("here");
  private final HubOfTests node = new HubOfTests(peers, clock);
  private final RecordingTransport transport = new RecordingTransport();

  @AfterEach
  void stop() {
    node.close();
  }

  @Test
  void aReceiptWithoutSubscribersHereIsSentAtOnce() {
    announce(1, WISH);
    assertThat(receipts()).containsExactly("0 0 0");
  }

  @Test
  void whatWasWrittenAtOnceIsOneReceiptAndTheAcknowledgementAnother() {
    Session session = node.connect("alice", transport);
    announce(1, WISH);
    assertThat(receipts()).containsExactly("1 1 0");
    node.parts().subscriptions().acknowledge(session, ALICE, at(session, 1));
    assertThat(receipts()).containsExactly("1 1 0", "1 1 1");
    node.parts().hub().tick();
    assertThat(receipts()).hasSize(2);
  }

  @Test
  void aSlowSessionIsReportedWhenItsConnectionTookTheMessage() {
    node.connect("alice", transport);
    transport.mode(Mode.LATER);
    announce(1, WISH);
    assertThat(receipts()).containsExactly("1 0 0");
    transport.complete();
    assertThat(receipts()).containsExactly("1 0 0", "1 1 0");
  }

  @Test
  void afterTheFirstOfAKindTheOthersAreReportedTogether() {
    List<RecordingTransport> lines =
        List.of(transport, new RecordingTransport(), new RecordingTransport());
    lines.forEach(each -> node.connect("alice", each));
    lines.forEach(each -> each.mode(Mode.LATER));
    announce(1, WISH);
    lines.forEach(RecordingTransport::complete);
    assertThat(receipts()).containsExactly("3 0 0", "3 1 0");
    node.parts().hub().tick();
    assertThat(receipts()).containsExactly("3 0 0", "3 1 0", "3 3 0");
  }

  @Test
  void whenTheWaitIsOverNoReceiptIsSent() {
    node.connect("alice", transport);
    transport.mode(Mode.LATER);
    announce(1, WISH);
    node.passes(Duration.ofSeconds(2));
    node.parts().hub().tick();
    transport.complete();
    node.parts().hub().tick();
    assertThat(receipts()).containsExactly("1 0 0");
  }

  @Test
  void aPublishWithoutAWaitAndOneOfThisNodeSendNoReceipt() {
    node.connect("alice", transport);
    node.parts().listener().onMessage(message(1));
    announce(2, new ReceiptWish("here", Duration.ofSeconds(2)));
    assertThat(transport.frames()).filteredOn(frame -> frame.startsWith("message")).hasSize(2);
    assertThat(peers.sent()).isEmpty();
  }

  @Test
  void whatIsNoReceiptIsPassedOver() {
    var waiting =
        node.parts()
            .publisher()
            .publish(
                ALICE,
                Draft.of("e", "1", clock.instant()),
                new PublishWait(PublishWait.Until.DELIVERED, Duration.ZERO));
    for (String text : List.of("", "1", "2 x 1 1 1", "1 x -1 0 0", "1 x 9999999999 0 0")) {
      peers.receive("elsewhere", Kind.RECEIPT, text, Duration.ZERO);
    }
    assertThat(waiting.join().outcome()).isEqualTo(PublishResult.Outcome.QUEUED);
  }

  /** The node's logs are its own here: each begins at its head. */
  private Message message(long offset) {
    Position head = node.broker().head(ALICE).join();
    return Draft.of("e" + offset, "1", clock.instant()).at(ALICE, head.at(offset));
  }

  private void announce(long offset, ReceiptWish wish) {
    node.parts().listener().onMessage(message(offset), wish);
  }

  private static Position at(Session session, long offset) {
    Subscription subscription = session.subscription(ALICE);
    Position cursor = subscription == null ? null : subscription.cursor();
    if (cursor == null) {
      throw new AssertionError("follows nothing");
    }
    return cursor.at(offset);
  }

  /** Without form and id. */
  private List<String> receipts() {
    return peers.texts(Kind.RECEIPT).stream()
        .map(text -> text.substring(text.indexOf(' ', 2) + 1))
        .toList();
  }
}

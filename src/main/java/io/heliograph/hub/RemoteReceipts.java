package io.heliograph.hub;

import io.heliograph.broker.BusMessage;
import io.heliograph.broker.ClusterBus;
import io.heliograph.broker.ReceiptWish;
import io.heliograph.concurrent.Background;
import io.heliograph.message.Channel;
import io.heliograph.message.Message;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way back of a push that is waited for: nodes that hold recipients tell the pushing node what
 * becomes of the message. They know where to from the wish that came with the announcement, so a
 * push that nobody waits for costs nothing here, and a node without recipients is not troubled.
 */
final class RemoteReceipts {

  private static final Logger log = LoggerFactory.getLogger(RemoteReceipts.class);

  /** More are not told of at a time: whoever waits sees that this node is silent. */
  private static final int MOST_OWED = 10_000;

  /** Nobody waits longer, whatever a wish says. */
  private static final Duration LONGEST = Duration.ofMinutes(1);

  /** A push that waits here, and what all nodes tell of it. */
  final class Awaited {
    private final boolean untilAcknowledged;
    private final DeliveryTracker.Trail here;
    private final ConcurrentHashMap<String, DeliveryCounts> talliesByNode =
        new ConcurrentHashMap<>();
    private final CompletableFuture<Void> fulfilled = new CompletableFuture<>();

    /** Nodes that heard of the message; -1: not known yet. */
    private volatile int nodes = -1;

    private Awaited(String messageId, Channel channel, boolean untilAcknowledged) {
      this.untilAcknowledged = untilAcknowledged;
      this.here = receipts.open(messageId, channel, this::look);
    }

    /** Done when what was waited for has happened, or cannot happen because nobody is there. */
    CompletableFuture<Void> fulfilled() {
      return fulfilled;
    }

    void published(int toNodes) {
      nodes = toNodes;
      look();
    }

    DeliveryCounts total() {
      return talliesByNode.values().stream().reduce(here.tally(), DeliveryCounts::plus);
    }

    NodeCoverage nodes() {
      int answered = talliesByNode.size() + (here.announced() ? 1 : 0);
      return new NodeCoverage(Math.max(nodes, answered), answered);
    }

    private void onReceipt(String node, DeliveryCounts tally) {
      talliesByNode.merge(node, tally, DeliveryCounts::or);
      look();
    }

    private void look() {
      if (fulfilled.isDone()) {
        return;
      }
      DeliveryCounts total = total();
      boolean happened = total.acknowledged() > 0 || (!untilAcknowledged && total.written() > 0);
      boolean nobodyThere = nodes >= 0 && total.followers() == 0 && nodes().complete();
      if (happened || nobodyThere) {
        fulfilled.complete(null);
      }
    }
  }

  /** A message that another node waits for. */
  private final class Owed {
    private final String node;
    private final long untilNanos;
    private final DeliveryTracker.Trail here;
    private boolean writing = true;
    private @Nullable DeliveryCounts told;

    Owed(Message message, ReceiptWish wish) {
      node = wish.node();
      Duration within = wish.within().compareTo(LONGEST) < 0 ? wish.within() : LONGEST;
      untilNanos = nanoTime.getAsLong() + within.toNanos();
      here = receipts.open(message.id(), message.channel(), this::changed);
    }

    /** The first of each kind is what a wait ends with. The others are told together at a tick. */
    private void changed() {
      synchronized (this) {
        DeliveryCounts before = told;
        DeliveryCounts now = here.tally();
        if (writing
            || before == null
            || ((before.written() > 0 || now.written() == 0)
                && (before.acknowledged() > 0 || now.acknowledged() == 0))) {
          return;
        }
      }
      tell();
    }

    /** The message was put on the lines: those that took it at once are told of together. */
    private void written() {
      synchronized (this) {
        writing = false;
      }
      tell();
    }

    private void tell() {
      DeliveryCounts now;
      synchronized (this) {
        now = here.tally();
        if (writing || now.equals(told)) {
          return;
        }
        told = now;
      }
      Background.onFailure(
          "Sending a receipt",
          peers.send(node, ClusterBus.Kind.RECEIPT, now.text(here.messageId())),
          failure -> log.debug("A receipt was lost", failure));
    }
  }

  private final DeliveryTracker receipts;
  private final ClusterBus peers;
  private final LongSupplier nanoTime;
  private final ConcurrentHashMap<String, Awaited> awaitedByMessage = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Owed> owedByMessage = new ConcurrentHashMap<>();

  RemoteReceipts(DeliveryTracker receipts, ClusterBus peers, LongSupplier nanoTime) {
    this.receipts = receipts;
    this.peers = peers;
    this.nanoTime = nanoTime;
  }

  void start() {
    peers.listen(ClusterBus.Kind.RECEIPT, this::onReceipt);
  }

  // Waiting here ----------------------------------------------------------------------------------

  /** Before the push, since receipts may come before it is answered. */
  Awaited open(String messageId, Channel channel, boolean untilAcknowledged) {
    Awaited awaited = new Awaited(messageId, channel, untilAcknowledged);
    awaitedByMessage.put(messageId, awaited);
    return awaited;
  }

  ReceiptWish wish(Duration within) {
    return new ReceiptWish(peers.self(), within);
  }

  void close(Awaited awaited) {
    awaitedByMessage.remove(awaited.here.messageId(), awaited);
    receipts.close(awaited.here);
  }

  private void onReceipt(BusMessage told) {
    if (awaitedByMessage.isEmpty()) {
      return;
    }
    try {
      DeliveryCounts.Told receipt = DeliveryCounts.parse(told.text());
      Awaited awaited = awaitedByMessage.get(receipt.messageId());
      if (awaited != null) {
        awaited.onReceipt(told.from(), receipt.tally());
      }
    } catch (IllegalArgumentException e) {
      log.debug("A receipt is not understood");
    }
  }

  // Waited for by others --------------------------------------------------------------------------

  /**
   * A message was announced whose publisher waits.
   *
   * @return to be run when it was put on the lines
   */
  Runnable owe(Message message, ReceiptWish wish) {
    if (wish.node().equals(peers.self())
        || owedByMessage.size() >= MOST_OWED
        || owedByMessage.containsKey(message.id())) {
      return () -> {};
    }
    Owed owed = new Owed(message, wish);
    owedByMessage.put(message.id(), owed);
    return owed::written;
  }

  void tick() {
    long now = nanoTime.getAsLong();
    for (Owed owed : owedByMessage.values()) {
      if (now - owed.untilNanos >= 0) {
        owedByMessage.remove(owed.here.messageId());
        receipts.close(owed.here);
      } else {
        owed.tell();
      }
    }
  }
}

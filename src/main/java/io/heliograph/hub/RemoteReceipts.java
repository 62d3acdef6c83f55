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
 * Receipts between nodes for a publish that waits: nodes with subscribers report the delivery of
 * the message to the publishing node. The announcement contains the request and the return address,
 * so other publishes cause no traffic, and nodes without subscribers are not involved.
 */
final class RemoteReceipts {

  private static final Logger log = LoggerFactory.getLogger(RemoteReceipts.class);

  /**
   * The maximum number of messages to report at a time. Beyond it this node stays silent, and the
   * publisher counts it as not reported.
   */
  private static final int MAX_REPORTS = 10_000;

  /** The upper bound of a wait, whatever the request says. */
  private static final Duration MAX_WAIT = Duration.ofMinutes(1);

  /** A waiting publish on this node with the reports of all nodes. */
  final class Awaited {
    private final boolean untilAcknowledged;
    private final DeliveryTracker.Delivery here;
    private final ConcurrentHashMap<String, DeliveryCounts> countsByNode =
        new ConcurrentHashMap<>();
    private final CompletableFuture<Void> fulfilled = new CompletableFuture<>();

    /** The number of nodes that got the announcement; -1: not known yet. */
    private volatile int nodes = -1;

    private Awaited(String messageId, Channel channel, boolean untilAcknowledged) {
      this.untilAcknowledged = untilAcknowledged;
      this.here = receipts.open(messageId, channel, this::check);
    }

    /**
     * Completes when the awaited outcome was reached, or cannot be reached because no node has
     * subscribers.
     */
    CompletableFuture<Void> fulfilled() {
      return fulfilled;
    }

    void published(int toNodes) {
      nodes = toNodes;
      check();
    }

    DeliveryCounts total() {
      return countsByNode.values().stream().reduce(here.counts(), DeliveryCounts::plus);
    }

    NodeCoverage nodes() {
      int answered = countsByNode.size() + (here.announced() ? 1 : 0);
      return new NodeCoverage(Math.max(nodes, answered), answered);
    }

    private void onReceipt(String node, DeliveryCounts tally) {
      countsByNode.merge(node, tally, DeliveryCounts::or);
      check();
    }

    private void check() {
      if (fulfilled.isDone()) {
        return;
      }
      DeliveryCounts total = total();
      boolean happened = total.acknowledged() > 0 || (!untilAcknowledged && total.written() > 0);
      boolean noSubscribers = nodes >= 0 && total.subscribers() == 0 && nodes().complete();
      if (happened || noSubscribers) {
        fulfilled.complete(null);
      }
    }
  }

  /** A message that another node waits for. */
  private final class PendingReport {
    private final String node;
    private final long untilNanos;
    private final DeliveryTracker.Delivery here;
    private boolean writing = true;
    private @Nullable DeliveryCounts reported;

    PendingReport(Message message, ReceiptWish wish) {
      node = wish.node();
      Duration within = wish.within().compareTo(MAX_WAIT) < 0 ? wish.within() : MAX_WAIT;
      untilNanos = nanoTime.getAsLong() + within.toNanos();
      here = receipts.open(message.id(), message.channel(), this::changed);
    }

    /**
     * Sends the first count of each kind at once, since it can end the wait. The others are sent
     * together at a tick.
     */
    private void changed() {
      synchronized (this) {
        DeliveryCounts before = reported;
        DeliveryCounts now = here.counts();
        if (writing
            || before == null
            || ((before.written() > 0 || now.written() == 0)
                && (before.acknowledged() > 0 || now.acknowledged() == 0))) {
          return;
        }
      }
      send();
    }

    /** Called after the fan-out: sessions that took the message at once are reported together. */
    private void written() {
      synchronized (this) {
        writing = false;
      }
      send();
    }

    private void send() {
      DeliveryCounts now;
      synchronized (this) {
        now = here.counts();
        if (writing || now.equals(reported)) {
          return;
        }
        reported = now;
      }
      Background.onFailure(
          "Sending a receipt",
          bus.send(node, ClusterBus.Kind.RECEIPT, now.text(here.messageId())),
          failure -> log.debug("Cannot send a receipt", failure));
    }
  }

  private final DeliveryTracker receipts;
  private final ClusterBus bus;
  private final LongSupplier nanoTime;
  private final ConcurrentHashMap<String, Awaited> awaitedByMessage = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, PendingReport> reportsByMessage =
      new ConcurrentHashMap<>();

  RemoteReceipts(DeliveryTracker receipts, ClusterBus bus, LongSupplier nanoTime) {
    this.receipts = receipts;
    this.bus = bus;
    this.nanoTime = nanoTime;
  }

  void start() {
    bus.listen(ClusterBus.Kind.RECEIPT, this::onReceipt);
  }

  // Waiting on this node --------------------------------------------------------------------------

  /** Called before the publish, since receipts can arrive before its answer. */
  Awaited open(String messageId, Channel channel, boolean untilAcknowledged) {
    Awaited awaited = new Awaited(messageId, channel, untilAcknowledged);
    awaitedByMessage.put(messageId, awaited);
    return awaited;
  }

  ReceiptWish wish(Duration within) {
    return new ReceiptWish(bus.self(), within);
  }

  void close(Awaited awaited) {
    awaitedByMessage.remove(awaited.here.messageId(), awaited);
    receipts.close(awaited.here);
  }

  private void onReceipt(BusMessage received) {
    if (awaitedByMessage.isEmpty()) {
      return;
    }
    try {
      DeliveryCounts.Report receipt = DeliveryCounts.parse(received.text());
      Awaited awaited = awaitedByMessage.get(receipt.messageId());
      if (awaited != null) {
        awaited.onReceipt(received.from(), receipt.counts());
      }
    } catch (IllegalArgumentException e) {
      log.debug("Ignoring a malformed receipt");
    }
  }

  // Reporting to other nodes ----------------------------------------------------------------------

  /**
   * Starts to report an announced message whose publisher waits.
   *
   * @return to be run after the fan-out of the message
   */
  Runnable startReporting(Message message, ReceiptWish wish) {
    if (wish.node().equals(bus.self())
        || reportsByMessage.size() >= MAX_REPORTS
        || reportsByMessage.containsKey(message.id())) {
      return () -> {};
    }
    PendingReport report = new PendingReport(message, wish);
    reportsByMessage.put(message.id(), report);
    return report::written;
  }

  void tick() {
    long now = nanoTime.getAsLong();
    for (PendingReport report : reportsByMessage.values()) {
      if (now - report.untilNanos >= 0) {
        reportsByMessage.remove(report.here.messageId());
        receipts.close(report.here);
      } else {
        report.send();
      }
    }
  }
}

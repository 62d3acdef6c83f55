package io.heliograph.hub;

import io.heliograph.broker.Broker;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.Published;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The first half of a push: from the caller to the broker's log, and what the caller is told of the
 * second half.
 */
final class Pushes {

  private final Broker broker;
  private final ReceiptLine receiptLine;
  private final HubMetrics metrics;

  Pushes(Broker broker, ReceiptLine receiptLine, HubMetrics metrics) {
    this.broker = broker;
    this.receiptLine = receiptLine;
    this.metrics = metrics;
  }

  /**
   * Appends and announces. Fails with {@code BrokerUnavailableException} when nothing was promised.
   */
  CompletableFuture<Published> push(Channel channel, Draft draft) {
    return counted(channel, broker.publish(channel, draft));
  }

  /**
   * Pushes, and waits for what the caller wants to know; the outcome says what really happened in
   * that time.
   */
  CompletableFuture<Push.Result> push(Channel channel, Draft draft, Push.Wait wait) {
    if (wait.until() == Push.Until.ACCEPTED) {
      return push(channel, draft).thenApply(Push.Result::accepted);
    }
    ReceiptLine.Awaited awaited =
        receiptLine.open(draft.id(), channel, wait.until() == Push.Until.ACKED);
    return counted(channel, broker.publish(channel, draft, receiptLine.wish(wait.timeout())))
        .thenCompose(published -> outcome(published, awaited, wait))
        .whenComplete((_, _) -> receiptLine.close(awaited));
  }

  private static CompletableFuture<Push.Result> outcome(
      Published published, ReceiptLine.Awaited awaited, Push.Wait wait) {
    if (published.repeated()) {
      // Announced long ago under another id: what became of it then is not known.
      return CompletableFuture.completedFuture(Push.Result.accepted(published));
    }
    awaited.published(published.nodes());
    return awaited
        .fulfilled()
        .copy()
        .completeOnTimeout(null, wait.timeout().toNanos(), TimeUnit.NANOSECONDS)
        .thenApply(_ -> result(published, awaited.total(), awaited.nodes()));
  }

  /**
   * Never {@code QUEUED} when a node may have delivered it and does not say: what is not known is
   * not said.
   */
  private static Push.Result result(Published published, Tally total, Nodes nodes) {
    Push.Outcome outcome;
    if (total.acknowledged() > 0) {
      outcome = Push.Outcome.ACKED;
    } else if (total.written() > 0) {
      outcome = Push.Outcome.DELIVERED;
    } else {
      outcome = nodes.complete() ? Push.Outcome.QUEUED : Push.Outcome.ACCEPTED;
    }
    return new Push.Result(published, outcome, total.written(), total.acknowledged(), nodes);
  }

  private CompletableFuture<Published> counted(
      Channel channel, CompletableFuture<Published> publishing) {
    return publishing.thenApply(
        published -> {
          if (!published.repeated()) {
            metrics.published(channel);
          }
          return published;
        });
  }
}

package io.heliograph.hub;

import io.heliograph.broker.Broker;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.Published;
import io.heliograph.session.SessionRegistry;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The first half of a push: from the caller to the broker's log, and what the caller is told of the
 * second half.
 */
final class Pushes {

  private final Broker broker;
  private final SessionRegistry registry;
  private final Receipts receipts;
  private final HubMetrics metrics;

  Pushes(Broker broker, SessionRegistry registry, Receipts receipts, HubMetrics metrics) {
    this.broker = broker;
    this.registry = registry;
    this.receipts = receipts;
    this.metrics = metrics;
  }

  /**
   * Appends and announces. Fails with {@code BrokerUnavailableException} when nothing was promised.
   */
  CompletableFuture<Published> push(Channel channel, Draft draft) {
    return broker
        .publish(channel, draft)
        .whenComplete(
            (_, failure) -> {
              if (failure != null) {
                metrics.failed();
              }
            })
        .thenApply(
            published -> {
              if (!published.repeated()) {
                metrics.published(channel);
              }
              return published;
            });
  }

  /**
   * Pushes, and waits for what the caller wants to know; the outcome says what really happened in
   * that time.
   */
  CompletableFuture<Push.Result> push(Channel channel, Draft draft, Push.Wait wait) {
    if (wait.until() == Push.Until.ACCEPTED) {
      return push(channel, draft)
          .thenApply(published -> new Push.Result(published, Push.Outcome.ACCEPTED, 0, 0));
    }
    Receipts.Wait receipt = receipts.open(draft.id(), channel, wait.until() == Push.Until.ACKED);
    return push(channel, draft)
        .thenCompose(
            published ->
                published.nodes() == 0 || onlyElsewhere(published, channel)
                    ? CompletableFuture.completedFuture(published)
                    : receipt
                        .fulfilled()
                        .copy()
                        .completeOnTimeout(null, wait.timeout().toNanos(), TimeUnit.NANOSECONDS)
                        .thenApply(_ -> published))
        .whenComplete((_, _) -> receipts.close(receipt))
        .thenApply(
            published ->
                new Push.Result(
                    published,
                    outcome(receipt, followedElsewhere(published, channel)),
                    receipt.written(),
                    receipt.acknowledged()));
  }

  /** Other nodes write it as well; what they know of receipts is not known here. */
  private boolean followedElsewhere(Published published, Channel channel) {
    return published.nodes() > (registry.followerCount(channel) > 0 ? 1 : 0);
  }

  private boolean onlyElsewhere(Published published, Channel channel) {
    return registry.followerCount(channel) == 0 && followedElsewhere(published, channel);
  }

  /**
   * Never {@code QUEUED} when another node may have delivered it: what is not known is not said.
   */
  private static Push.Outcome outcome(Receipts.Wait receipt, boolean elsewhere) {
    if (receipt.acknowledged() > 0) {
      return Push.Outcome.ACKED;
    }
    if (receipt.written() > 0) {
      return Push.Outcome.DELIVERED;
    }
    return elsewhere ? Push.Outcome.ACCEPTED : Push.Outcome.QUEUED;
  }
}

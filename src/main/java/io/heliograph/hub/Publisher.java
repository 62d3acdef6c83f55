package io.heliograph.hub;

import io.heliograph.broker.Broker;
import io.heliograph.concurrent.Background;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.Published;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Publishes messages to the broker's log and, where the caller waits, collects the outcome of the
 * delivery. A publish takes the same path whether its subscribers are on this node or on another:
 * to the log, and back as an announcement.
 *
 * <p>No method blocks; all are thread-safe.
 */
public final class Publisher {

  private final Broker broker;
  private final RemoteReceipts remoteReceipts;
  private final HubMetrics metrics;
  private final Set<CompletableFuture<Void>> waits = ConcurrentHashMap.newKeySet();
  private volatile boolean stopped;

  Publisher(Broker broker, RemoteReceipts remoteReceipts, HubMetrics metrics) {
    this.broker = broker;
    this.remoteReceipts = remoteReceipts;
    this.metrics = metrics;
  }

  /** Ends all waits with the outcome so far, and later ones at once, while the node stops. */
  void stopWaiting(boolean stop) {
    stopped = stop;
    if (stop) {
      waits.forEach(end -> end.complete(null));
    }
  }

  /**
   * Appends and announces a message. Fails with {@code BrokerUnavailableException} when it was not
   * accepted.
   */
  public CompletableFuture<Published> publish(Channel channel, Draft draft) {
    return counted(channel, Background.attempt(() -> broker.publish(channel, draft)));
  }

  /** Publishes a message and waits as requested; the outcome covers what happened in that time. */
  public CompletableFuture<PublishResult> publish(Channel channel, Draft draft, PublishWait wait) {
    if (wait.until() == PublishWait.Until.ACCEPTED) {
      return publish(channel, draft).thenApply(PublishResult::accepted);
    }
    RemoteReceipts.Awaited awaited =
        remoteReceipts.open(draft.id(), channel, wait.until() == PublishWait.Until.ACKED);
    return counted(
            channel,
            Background.attempt(
                () -> broker.publish(channel, draft, remoteReceipts.wish(wait.timeout()))))
        .thenCompose(published -> outcome(published, awaited, wait))
        .whenComplete((_, _) -> remoteReceipts.close(awaited));
  }

  @SuppressWarnings("CollectionUndefinedEquality") // by identity
  private CompletableFuture<PublishResult> outcome(
      Published published, RemoteReceipts.Awaited awaited, PublishWait wait) {
    if (published.repeated()) {
      // Already announced under another id by an earlier request, so its delivery is unknown.
      return CompletableFuture.completedFuture(PublishResult.accepted(published));
    }
    awaited.published(published.nodes());
    CompletableFuture<Void> end = awaited.fulfilled().copy();
    waits.add(end);
    if (stopped) {
      end.complete(null);
    }
    return end.completeOnTimeout(null, wait.timeout().toNanos(), TimeUnit.NANOSECONDS)
        .whenComplete((_, _) -> waits.remove(end))
        .thenApply(_ -> result(published, awaited.total(), awaited.nodes()));
  }

  /**
   * Not {@code QUEUED} while a node that may have delivered the message has not reported: the
   * outcome is then unknown.
   */
  private static PublishResult result(
      Published published, DeliveryCounts total, NodeCoverage nodes) {
    PublishResult.Outcome outcome;
    if (total.acknowledged() > 0) {
      outcome = PublishResult.Outcome.ACKED;
    } else if (total.written() > 0) {
      outcome = PublishResult.Outcome.DELIVERED;
    } else {
      outcome = nodes.complete() ? PublishResult.Outcome.QUEUED : PublishResult.Outcome.ACCEPTED;
    }
    return new PublishResult(published, outcome, total.written(), total.acknowledged(), nodes);
  }

  private CompletableFuture<Published> counted(
      Channel channel, CompletableFuture<Published> publishing) {
    return publishing
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
}

package io.heliograph.broker.redis;

import io.heliograph.broker.BrokerListener;
import io.heliograph.concurrent.Background;
import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import io.heliograph.redis.RedisConnections;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps this node's subscriptions in Redis equal to its {@link SubscribedChannels}. Those that are
 * made while Redis is away, or are lost with a connection, are made as soon as it is back, and the
 * listener learns that announcements may be missing.
 */
final class RedisSubscriptions {

  private static final Logger log = LoggerFactory.getLogger(RedisSubscriptions.class);

  /** Channels per subscribe command when all are subscribed again. */
  private static final int CHANNELS_A_COMMAND = 500;

  private final RedisConnections connections;
  private final RedisNames names;
  private final SubscribedChannels subscribed;
  private final RedisMetrics metrics;
  private volatile @Nullable BrokerListener listener;

  /** All subscriptions were lost, and the listener does not know yet. */
  private final AtomicBoolean interrupted = new AtomicBoolean();

  RedisSubscriptions(
      RedisConnections connections,
      RedisNames names,
      SubscribedChannels subscribed,
      RedisMetrics metrics) {
    this.connections = connections;
    this.names = names;
    this.subscribed = subscribed;
    this.metrics = metrics;
  }

  void start(BrokerListener newListener) {
    listener = newListener;
  }

  CompletableFuture<Void> subscribe(Channel channel) {
    subscribed.add(channel);
    return connections
        .subscribe(List.of(names.announcements(channel)))
        .exceptionallyCompose(RedisLogs::unavailable)
        .thenRun(() -> subscribed.confirmed(List.of(channel)));
  }

  void unsubscribe(Channel channel) {
    subscribed.remove(channel);
    // While Redis is away there is no subscription to end. A message that arrives anyway finds no
    // subscriber.
    Background.onFailure(
        "Unsubscribing a channel",
        connections.unsubscribe(List.of(names.announcements(channel))),
        failure -> log.debug("A channel could not be unsubscribed", failure));
  }

  /** The subscribing connection was away. */
  void onLost() {
    subscribed.doubt();
    interrupted.set(true);
    repair();
  }

  /** The log of a channel has messages that were not announced here. */
  void onMissed(Channel channel, Position head) {
    BrokerListener current = listener;
    if (current != null && subscribed.contains(channel)) {
      metrics.missed();
      subscribed.reset(channel, head);
      subscribed.doubt(channel);
      current.onInterruption(channel);
    }
  }

  /** Subscribes the channels that Redis has not confirmed, then has their logs read. */
  void repair() {
    List<Channel> missing = subscribed.unconfirmed();
    boolean all = interrupted.get();
    if (!connections.hadContact() || (missing.isEmpty() && !all)) {
      return;
    }
    List<CompletableFuture<Void>> chunks = new ArrayList<>();
    for (int i = 0; i < missing.size(); i += CHANNELS_A_COMMAND) {
      List<Channel> chunk = missing.subList(i, Math.min(missing.size(), i + CHANNELS_A_COMMAND));
      chunks.add(
          connections
              .subscribe(chunk.stream().map(names::announcements).toList())
              .thenRun(() -> onResubscribed(chunk, all)));
    }
    Background.onCompletion(
        "Recovering after an interruption",
        CompletableFuture.allOf(chunks.toArray(CompletableFuture<?>[]::new)),
        (_, failure) -> {
          if (failure != null) {
            // The next repair tries again.
            log.debug("Channels could not be subscribed again", failure);
            return;
          }
          BrokerListener current = listener;
          if (all && interrupted.compareAndSet(true, false) && current != null) {
            current.onInterruption();
          }
        });
  }

  private void onResubscribed(List<Channel> channels, boolean all) {
    metrics.resubscribed(channels.size());
    subscribed.confirmed(channels);
    BrokerListener current = listener;
    for (Channel channel : channels) {
      if (!subscribed.contains(channel)) {
        // It was unsubscribed meanwhile.
        unsubscribe(channel);
      } else if (!all && current != null) {
        current.onInterruption(channel);
      }
    }
  }
}

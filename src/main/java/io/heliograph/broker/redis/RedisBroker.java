package io.heliograph.broker.redis;

import io.heliograph.broker.AtomicPublish;
import io.heliograph.broker.Broker;
import io.heliograph.broker.BrokerListener;
import io.heliograph.broker.BrokerUnavailableException;
import io.heliograph.broker.ClusterBus;
import io.heliograph.broker.LogProperties;
import io.heliograph.broker.ReceiptWish;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.History;
import io.heliograph.message.Position;
import io.heliograph.message.Published;
import io.heliograph.redis.RedisConnections;
import io.heliograph.redis.RedisNamespace;
import io.heliograph.redis.RedisProperties;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker of several nodes. Each channel's log is in Redis. One script appends and announces,
 * and every node with a session that subscribes to the channel receives the announcement. No call
 * blocks or waits longer than its timeout. While Redis is away each fails with {@link
 * BrokerUnavailableException}.
 */
final class RedisBroker implements Broker, AtomicPublish, RedisConnections.Listener, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(RedisBroker.class);

  private static final Duration BETWEEN_REPAIRS = Duration.ofMillis(500);
  private static final Duration BETWEEN_OFFSETS = Duration.ofMillis(200);

  private final RedisConnections connections;
  private final RedisNames names;
  private final Clock clock;
  private final RedisMetrics metrics;
  private final RedisClusterBus bus;
  private final RedisLogs logs;
  private final SubscribedChannels subscribed = new SubscribedChannels();
  private final RedisSubscriptions subscriptions;
  private final DeliveredOffsets delivered;
  private final HeadCheck headCheck;

  private volatile @Nullable BrokerListener listener;

  RedisBroker(
      RedisConnections connections,
      RedisNamespace namespace,
      RedisProperties properties,
      LogProperties bounds,
      Clock clock,
      MeterRegistry meters) {
    this.connections = connections;
    this.clock = clock;
    names = new RedisNames(namespace);
    metrics = new RedisMetrics(meters, connections::isUp, System::nanoTime);
    bus = new RedisClusterBus(connections, names, properties.lease(), metrics, System::nanoTime);
    logs = new RedisLogs(connections, names, bounds, bus, metrics);
    subscriptions = new RedisSubscriptions(connections, names, subscribed, metrics);
    delivered = new DeliveredOffsets(logs::storeDelivered);
    headCheck =
        new HeadCheck(
            subscribed,
            properties.headCheck(),
            connections::after,
            logs::head,
            subscriptions::onMissed);
  }

  ClusterBus bus() {
    return bus;
  }

  @Override
  public void start(BrokerListener newListener) {
    listener = newListener;
    subscriptions.start(newListener);
    connections.open(this);
    connections.after(Duration.ZERO, "Renewing this node's lease", bus::beat);
    connections.every(bus.period(), "Renewing this node's lease", bus::beat);
    connections.every(HeadCheck.STEP, "Checking heads", headCheck::step);
    connections.every(BETWEEN_OFFSETS, "Storing delivered offsets", delivered::flush);
    connections.every(BETWEEN_REPAIRS, "Repairing subscriptions", subscriptions::repair);
  }

  @Override
  public CompletableFuture<Published> publish(
      Channel channel, Draft draft, @Nullable ReceiptWish wish) {
    return logs.publish(channel, draft, wish);
  }

  @Override
  public CompletableFuture<Boolean> publish(Channel channel, Draft draft, Change change) {
    return logs.publish(channel, draft, change);
  }

  @Override
  public CompletableFuture<History> history(Channel channel, @Nullable Position since, int limit) {
    if (since == null) {
      return noted(channel, logs.all(channel, limit));
    }
    Position from = since.isWithoutLog() ? subscribed.withoutLogSince(channel, since) : since;
    return noted(channel, logs.since(channel, from, limit));
  }

  @Override
  public CompletableFuture<History> undelivered(Channel channel, int limit) {
    return delivered
        .flush(channel)
        .thenCompose(_ -> noted(channel, logs.undelivered(channel, limit)));
  }

  @Override
  public CompletableFuture<Position> head(Channel channel) {
    return noted(channel, logs.all(channel, 0)).thenApply(History::head);
  }

  /** Messages after the head that a session reads have to be announced to it. */
  private CompletableFuture<History> noted(Channel channel, CompletableFuture<History> page) {
    return page.thenApply(
        history -> {
          subscribed.onRead(channel, history.head());
          return history;
        });
  }

  @Override
  public void markDelivered(Channel channel, Position position) {
    delivered.add(channel, position);
  }

  @Override
  public CompletableFuture<Void> subscribe(Channel channel) {
    return subscriptions.subscribe(channel);
  }

  @Override
  public void unsubscribe(Channel channel) {
    subscriptions.unsubscribe(channel);
  }

  // What the connections report -------------------------------------------------------------------

  @Override
  public void onMessage(String name, String text) {
    if (bus.onMessage(name, text)) {
      return;
    }
    Channel channel = names.announced(name);
    BrokerListener current = listener;
    if (channel == null || current == null || !subscribed.contains(channel)) {
      return;
    }
    Announcement announcement;
    try {
      announcement = Announcement.parse(text, channel);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      // If it stands for a message, the check of heads finds that.
      logs.onUnreadable(1, "announcement", channel);
      return;
    }
    metrics.announced(clock.millis() - announcement.redisMillis());
    subscribed.onAnnounced(channel, announcement.message().position());
    try {
      if (announcement.wish() == null) {
        current.onMessage(announcement.message());
      } else {
        current.onMessage(announcement.message(), announcement.wish());
      }
    } catch (RuntimeException | Error e) {
      // The message is in the log, where the subscriptions that it did not reach find it.
      log.error("Announcing a message on a {} channel failed", channel.kind().tag(), e);
    }
  }

  @Override
  public void onReconnect() {
    metrics.reconnected();
    bus.beat();
  }

  @Override
  public void onSubscriptionsLost() {
    bus.onSubscriptionsLost();
    subscriptions.onLost();
  }

  @Override
  public void close() {
    delivered.flush();
    bus.leave();
  }
}

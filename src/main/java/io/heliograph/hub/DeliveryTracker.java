package io.heliograph.hub;

import io.heliograph.message.Channel;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import io.heliograph.session.Session;
import io.heliograph.session.SessionListener;
import io.heliograph.session.Subscription;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Tracks the delivery of messages whose publisher waits, on this node or another. Other messages
 * have no entry. Bounded by the number of publishes in progress.
 */
final class DeliveryTracker implements SessionListener {

  /**
   * The delivery of one message on this node. Opened before the message is announced, because it
   * may be written at once.
   */
  static final class Delivery {
    private final String messageId;
    private final Channel channel;
    private final Runnable changed;
    private final Set<String> writtenTo = ConcurrentHashMap.newKeySet();
    private final Set<String> acknowledgedBy = ConcurrentHashMap.newKeySet();

    /** Set when the message is first announced, which is before any client can acknowledge it. */
    private volatile @Nullable Position position;

    private volatile int subscribers;
    private volatile boolean announced;

    private Delivery(String messageId, Channel channel, Runnable changed) {
      this.messageId = messageId;
      this.channel = channel;
      this.changed = changed;
    }

    String messageId() {
      return messageId;
    }

    /** Whether the message was announced on this node. */
    boolean announced() {
      return announced;
    }

    DeliveryCounts counts() {
      return new DeliveryCounts(subscribers, writtenTo.size(), acknowledgedBy.size());
    }
  }

  private final ConcurrentHashMap<String, Delivery> deliveriesByMessage = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Channel, Set<Delivery>> deliveriesByChannel =
      new ConcurrentHashMap<>();

  /**
   * @param changed called on any thread when a count has increased; must not block
   */
  Delivery open(String messageId, Channel channel, Runnable changed) {
    Delivery delivery = new Delivery(messageId, channel, changed);
    deliveriesByMessage.put(messageId, delivery);
    deliveriesByChannel.compute(
        channel,
        (_, deliveries) -> {
          Set<Delivery> present = deliveries == null ? ConcurrentHashMap.newKeySet() : deliveries;
          present.add(delivery);
          return present;
        });
    return delivery;
  }

  void close(Delivery delivery) {
    deliveriesByMessage.remove(delivery.messageId, delivery);
    deliveriesByChannel.computeIfPresent(
        delivery.channel,
        (_, deliveries) -> {
          deliveries.remove(delivery);
          return deliveries.isEmpty() ? null : deliveries;
        });
  }

  /** Called before the message is written to this many sessions. */
  void onAnnounced(Message message, int subscribers) {
    if (deliveriesByMessage.isEmpty()) {
      return;
    }
    Delivery delivery = deliveriesByMessage.get(message.id());
    if (delivery != null) {
      delivery.position = message.position();
      delivery.subscribers = Math.max(delivery.subscribers, subscribers);
      delivery.announced = true;
      delivery.changed.run();
    }
  }

  @Override
  public void onWritten(Session session, Message message, boolean live) {
    if (deliveriesByMessage.isEmpty()) {
      return;
    }
    Delivery delivery = deliveriesByMessage.get(message.id());
    if (delivery != null) {
      delivery.position = message.position();
      delivery.writtenTo.add(session.id());
      delivery.changed.run();
    }
  }

  @Override
  public void onAcknowledged(Subscription subscription, Position through) {
    if (deliveriesByChannel.isEmpty()) {
      return;
    }
    Set<Delivery> deliveries = deliveriesByChannel.get(subscription.channel());
    if (deliveries == null) {
      return;
    }
    for (Delivery delivery : deliveries) {
      Position position = delivery.position;
      if (position != null
          && position.epoch().equals(through.epoch())
          && position.offset() <= through.offset()) {
        delivery.acknowledgedBy.add(subscription.session().id());
        delivery.changed.run();
      }
    }
  }
}

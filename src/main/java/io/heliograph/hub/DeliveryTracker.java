package io.heliograph.hub;

import io.heliograph.message.Channel;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Messages whose way over this node's sessions is watched, since a backend waits to hear what
 * became of them, here or on another node. Only those cost anything; any other message leaves no
 * trace here. Bounded by the pushes that are under way.
 */
final class DeliveryTracker {

  /**
   * One message on this node. A trail is opened before the message is announced, since it may be
   * written at once.
   */
  static final class Trail {
    private final String messageId;
    private final Channel channel;
    private final Runnable changed;
    private final Set<String> writtenTo = ConcurrentHashMap.newKeySet();
    private final Set<String> acknowledgedBy = ConcurrentHashMap.newKeySet();

    /** Known when the message is first announced, which is before anyone can acknowledge it. */
    private volatile @Nullable Position position;

    private volatile int followers;
    private volatile boolean announced;

    private Trail(String messageId, Channel channel, Runnable changed) {
      this.messageId = messageId;
      this.channel = channel;
      this.changed = changed;
    }

    String messageId() {
      return messageId;
    }

    /** Whether this node heard of the message. */
    boolean announced() {
      return announced;
    }

    DeliveryCounts tally() {
      return new DeliveryCounts(followers, writtenTo.size(), acknowledgedBy.size());
    }
  }

  private final ConcurrentHashMap<String, Trail> trailsByMessage = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Channel, Set<Trail>> trailsByChannel = new ConcurrentHashMap<>();

  /**
   * @param changed called on any thread when the trail's tally has grown; must not block
   */
  Trail open(String messageId, Channel channel, Runnable changed) {
    Trail trail = new Trail(messageId, channel, changed);
    trailsByMessage.put(messageId, trail);
    trailsByChannel.compute(
        channel,
        (_, trails) -> {
          Set<Trail> present = trails == null ? ConcurrentHashMap.newKeySet() : trails;
          present.add(trail);
          return present;
        });
    return trail;
  }

  void close(Trail trail) {
    trailsByMessage.remove(trail.messageId, trail);
    trailsByChannel.computeIfPresent(
        trail.channel,
        (_, trails) -> {
          trails.remove(trail);
          return trails.isEmpty() ? null : trails;
        });
  }

  /** The message is about to be written to so many. */
  void onAnnounced(Message message, int followers) {
    if (trailsByMessage.isEmpty()) {
      return;
    }
    Trail trail = trailsByMessage.get(message.id());
    if (trail != null) {
      trail.position = message.position();
      trail.followers = Math.max(trail.followers, followers);
      trail.announced = true;
      trail.changed.run();
    }
  }

  void onWritten(String sessionId, Message message) {
    if (trailsByMessage.isEmpty()) {
      return;
    }
    Trail trail = trailsByMessage.get(message.id());
    if (trail != null) {
      trail.position = message.position();
      trail.writtenTo.add(sessionId);
      trail.changed.run();
    }
  }

  void onAcknowledged(String sessionId, Channel channel, Position through) {
    if (trailsByChannel.isEmpty()) {
      return;
    }
    Set<Trail> trails = trailsByChannel.get(channel);
    if (trails == null) {
      return;
    }
    for (Trail trail : trails) {
      Position position = trail.position;
      if (position != null
          && position.epoch().equals(through.epoch())
          && position.offset() <= through.offset()) {
        trail.acknowledgedBy.add(sessionId);
        trail.changed.run();
      }
    }
  }
}

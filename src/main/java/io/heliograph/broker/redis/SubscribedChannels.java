package io.heliograph.broker.redis;

import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The channels to which this node is subscribed: how far each was announced, and which
 * subscriptions Redis has not confirmed yet.
 */
final class SubscribedChannels {

  private static final class Announced {
    @Nullable Position through;

    /** The first position without a log that was read since this node subscribed. */
    @Nullable Position firstWithoutLog;
  }

  private final ConcurrentHashMap<Channel, Announced> announcedByChannel =
      new ConcurrentHashMap<>();
  private final Set<Channel> unconfirmed = ConcurrentHashMap.newKeySet();
  private Iterator<Channel> round = Collections.emptyIterator();

  void add(Channel channel) {
    announcedByChannel.computeIfAbsent(channel, _ -> new Announced());
    unconfirmed.add(channel);
  }

  void remove(Channel channel) {
    unconfirmed.remove(channel);
    announcedByChannel.remove(channel);
  }

  boolean contains(Channel channel) {
    return announcedByChannel.containsKey(channel);
  }

  int size() {
    return announcedByChannel.size();
  }

  void confirmed(Collection<Channel> channels) {
    channels.forEach(unconfirmed::remove);
  }

  /** All subscriptions may be gone. */
  void doubt() {
    announcedByChannel.values().forEach(SubscribedChannels::forgetWithoutLog);
    unconfirmed.addAll(announcedByChannel.keySet());
  }

  /** What was announced while the subscription was gone is unknown. */
  private static void forgetWithoutLog(Announced announced) {
    synchronized (announced) {
      announced.firstWithoutLog = null;
    }
  }

  void doubt(Channel channel) {
    if (contains(channel)) {
      unconfirmed.add(channel);
    }
  }

  /** The channels to subscribe, without those that were unsubscribed meanwhile. */
  List<Channel> unconfirmed() {
    unconfirmed.retainAll(announcedByChannel.keySet());
    return List.copyOf(unconfirmed);
  }

  /** How far the channel was announced; null when unknown or not subscribed. */
  @Nullable Position announced(Channel channel) {
    Announced announced = announcedByChannel.get(channel);
    if (announced == null) {
      return null;
    }
    synchronized (announced) {
      return announced.through;
    }
  }

  /** A message was announced. */
  void onAnnounced(Channel channel, Position position) {
    Announced announced = announcedByChannel.get(channel);
    if (announced != null) {
      synchronized (announced) {
        Position through = announced.through;
        if (through == null
            || !through.epoch().equals(position.epoch())
            || through.offset() < position.offset()) {
          announced.through = position;
        }
      }
    }
  }

  /** A session read up to here after the node subscribed: later messages have to be announced. */
  void onRead(Channel channel, Position head) {
    Announced announced = announcedByChannel.get(channel);
    if (announced != null) {
      synchronized (announced) {
        if (announced.through == null || announced.through.isWithoutLog()) {
          if (head.isWithoutLog() && announced.firstWithoutLog == null) {
            announced.firstWithoutLog = head;
          }
          if (announced.through == null || head.isWithoutLog()) {
            announced.through = head;
          }
        }
      }
    }
  }

  /**
   * A later position that is equivalent to {@code position}, which was read when the channel had no
   * log: this node has been subscribed since, and the channel has not had a log since.
   */
  Position withoutLogSince(Channel channel, Position position) {
    Announced announced = announcedByChannel.get(channel);
    if (announced == null) {
      return position;
    }
    synchronized (announced) {
      Position first = announced.firstWithoutLog;
      Position last = announced.through;
      // Marks of one server life have the same length and end in its time.
      return first != null
              && last != null
              && last.isWithoutLog()
              && isBetween(first.epoch(), position.epoch(), last.epoch())
          ? last
          : position;
    }
  }

  private static boolean isBetween(String first, String epoch, String last) {
    return epoch.length() == first.length()
        && epoch.length() == last.length()
        && epoch.compareTo(first) >= 0
        && epoch.compareTo(last) <= 0
        && first.regionMatches(0, epoch, 0, 11)
        && first.regionMatches(0, last, 0, 11);
  }

  /**
   * The log is read because of a lost announcement; messages after its head have to be announced
   * again.
   */
  void reset(Channel channel, Position head) {
    Announced announced = announcedByChannel.get(channel);
    if (announced != null) {
      synchronized (announced) {
        announced.through = head;
      }
    }
  }

  /** The next channels of an endless round. Called by one thread. */
  List<Channel> next(int count) {
    List<Channel> next = new ArrayList<>(count);
    if (!round.hasNext()) {
      round = announcedByChannel.keySet().iterator();
    }
    while (next.size() < count && round.hasNext()) {
      next.add(round.next());
    }
    return next;
  }
}

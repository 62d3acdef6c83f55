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

  private static final class Heard {
    @Nullable Position through;

    /** The first position without a log that was read since this node subscribed. */
    @Nullable Position firstWithoutLog;
  }

  private final ConcurrentHashMap<Channel, Heard> heardByChannel = new ConcurrentHashMap<>();
  private final Set<Channel> unconfirmed = ConcurrentHashMap.newKeySet();
  private Iterator<Channel> round = Collections.emptyIterator();

  void add(Channel channel) {
    heardByChannel.computeIfAbsent(channel, _ -> new Heard());
    unconfirmed.add(channel);
  }

  void remove(Channel channel) {
    unconfirmed.remove(channel);
    heardByChannel.remove(channel);
  }

  boolean contains(Channel channel) {
    return heardByChannel.containsKey(channel);
  }

  int size() {
    return heardByChannel.size();
  }

  void confirmed(Collection<Channel> channels) {
    channels.forEach(unconfirmed::remove);
  }

  /** All subscriptions may be gone. */
  void doubt() {
    heardByChannel.values().forEach(SubscribedChannels::forgetWithoutLog);
    unconfirmed.addAll(heardByChannel.keySet());
  }

  /** What was announced while the subscription was gone is unknown. */
  private static void forgetWithoutLog(Heard heard) {
    synchronized (heard) {
      heard.firstWithoutLog = null;
    }
  }

  void doubt(Channel channel) {
    if (contains(channel)) {
      unconfirmed.add(channel);
    }
  }

  /** The channels to subscribe, without those that were unsubscribed meanwhile. */
  List<Channel> unconfirmed() {
    unconfirmed.retainAll(heardByChannel.keySet());
    return List.copyOf(unconfirmed);
  }

  /** How far the channel was announced; null when unknown or not subscribed. */
  @Nullable Position heard(Channel channel) {
    Heard heard = heardByChannel.get(channel);
    if (heard == null) {
      return null;
    }
    synchronized (heard) {
      return heard.through;
    }
  }

  /** A message was announced. */
  void onHeard(Channel channel, Position position) {
    Heard heard = heardByChannel.get(channel);
    if (heard != null) {
      synchronized (heard) {
        Position through = heard.through;
        if (through == null
            || !through.epoch().equals(position.epoch())
            || through.offset() < position.offset()) {
          heard.through = position;
        }
      }
    }
  }

  /** A session read up to here after the node subscribed: later messages have to be announced. */
  void onRead(Channel channel, Position head) {
    Heard heard = heardByChannel.get(channel);
    if (heard != null) {
      synchronized (heard) {
        if (heard.through == null || heard.through.isWithoutLog()) {
          if (head.isWithoutLog() && heard.firstWithoutLog == null) {
            heard.firstWithoutLog = head;
          }
          if (heard.through == null || head.isWithoutLog()) {
            heard.through = head;
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
    Heard heard = heardByChannel.get(channel);
    if (heard == null) {
      return position;
    }
    synchronized (heard) {
      Position first = heard.firstWithoutLog;
      Position last = heard.through;
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
    Heard heard = heardByChannel.get(channel);
    if (heard != null) {
      synchronized (heard) {
        heard.through = head;
      }
    }
  }

  /** The next channels of an endless round. Called by one thread. */
  List<Channel> next(int count) {
    List<Channel> next = new ArrayList<>(count);
    if (!round.hasNext()) {
      round = heardByChannel.keySet().iterator();
    }
    while (next.size() < count && round.hasNext()) {
      next.add(round.next());
    }
    return next;
  }
}

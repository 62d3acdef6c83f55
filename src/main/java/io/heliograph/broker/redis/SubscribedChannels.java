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
 * The channels that this node wants to hear, how far it has heard each, and of which Redis has not
 * yet confirmed that it will be heard.
 */
final class SubscribedChannels {

  private static final class Heard {
    @Nullable Position through;
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

  /** The subscriptions may be gone. */
  void doubt() {
    unconfirmed.addAll(heardByChannel.keySet());
  }

  void doubt(Channel channel) {
    if (contains(channel)) {
      unconfirmed.add(channel);
    }
  }

  /** Those to be subscribed, without such as were left meanwhile. */
  List<Channel> unconfirmed() {
    unconfirmed.retainAll(heardByChannel.keySet());
    return List.copyOf(unconfirmed);
  }

  /** How far the channel was heard; null: not known, or not followed. */
  @Nullable Position heard(Channel channel) {
    Heard heard = heardByChannel.get(channel);
    if (heard == null) {
      return null;
    }
    synchronized (heard) {
      return heard.through;
    }
  }

  /** Something was announced. */
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

  /** A session read up to here after it subscribed: what comes later has to be announced. */
  void onRead(Channel channel, Position head) {
    Heard heard = heardByChannel.get(channel);
    if (heard != null) {
      synchronized (heard) {
        if (heard.through == null) {
          heard.through = head;
        }
      }
    }
  }

  /**
   * The log is read because of what was not heard; from its head on everything has to be announced
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

  /** The next so many, round and round. By one thread. */
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

package io.heliograph.protocol.stomp;

import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions of one client by the ids that it gave them. Read without a lock, because the
 * heads of messages are made under the session's.
 */
final class StompSubscriptions {

  /** How many may share a channel. */
  static final int MOST_PER_CHANNEL = 8;

  /** How many there may be of the session's own errors and replies. */
  static final int MOST_OWN = 32;

  private static final StompSubscription[] NONE = {};

  /** Replaced at each change, under the lock of this. */
  private volatile StompSubscription[] all = NONE;

  /** Not to be changed by the caller. */
  StompSubscription[] all() {
    return all;
  }

  @Nullable StompSubscription get(String id) {
    for (StompSubscription each : all) {
      if (each.id().equals(id)) {
        return each;
      }
    }
    return null;
  }

  /** Those to a destination of the session's own. */
  List<StompSubscription> to(Predicate<String> destination) {
    List<StompSubscription> found = of(null);
    found.removeIf(each -> !destination.test(each.destination()));
    return found;
  }

  /**
   * @param channel null: the session's own errors and replies
   */
  List<StompSubscription> of(@Nullable Channel channel) {
    List<StompSubscription> found = new ArrayList<>(1);
    for (StompSubscription each : all) {
      Channel its = each.channel();
      if (channel == null ? its == null : channel.equals(its)) {
        found.add(each);
      }
    }
    return found;
  }

  boolean hasRoomFor(@Nullable Channel channel) {
    return of(channel).size() < (channel == null ? MOST_OWN : MOST_PER_CHANNEL);
  }

  synchronized void add(StompSubscription subscription) {
    StompSubscription[] more = Arrays.copyOf(all, all.length + 1);
    more[all.length] = subscription;
    all = more;
  }

  /** Null when there was none. */
  synchronized @Nullable StompSubscription remove(String id) {
    StompSubscription gone = get(id);
    if (gone != null) {
      all = Arrays.stream(all).filter(each -> each != gone).toArray(StompSubscription[]::new);
    }
    return gone;
  }

  /** Those of a channel that were not sent everything up to here. */
  List<StompSubscription> behind(Channel channel, Position position) {
    List<StompSubscription> behind = of(channel);
    behind.removeIf(each -> !each.gets(position));
    return behind;
  }

  /**
   * A subscription has begun.
   *
   * @param sent up to where the others on its channel were sent everything; null: they go on from
   *     where they are
   */
  void began(StompSubscription subscription, Position position, @Nullable Position sent) {
    Channel channel = subscription.channel();
    if (sent != null && channel != null) {
      for (StompSubscription each : of(channel)) {
        if (each != subscription) {
          each.wasSent(sent);
        }
      }
    }
    subscription.beginsAfter(position);
  }
}

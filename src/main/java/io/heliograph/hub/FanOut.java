package io.heliograph.hub;

import io.heliograph.message.Message;
import io.heliograph.session.EncodedMessage;
import io.heliograph.session.Session;
import io.heliograph.session.SessionRegistry;
import io.heliograph.session.Subscription;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/**
 * The second half of a push: an announced message to every session here that follows its channel.
 */
final class FanOut implements AutoCloseable {

  /** With fewer followers than this a lane's wake-up costs more than it saves. */
  private static final int FOLLOWERS_WORTH_A_LANE = 16;

  /** About one flush of a session: more would only fill its queue. */
  private static final int MAX_CHARACTERS_TOGETHER = 64 * 1024;

  /**
   * How many sessions have their memory read before the first of them is written to. Since its last
   * message thousands of others have used the cache, and a visit alone would wait for memory a
   * dozen times, one object after the other; of several sessions the processor fetches them
   * together.
   */
  private static final int READ_AHEAD = 16;

  private record ToMany(EncodedMessage announced, Subscription[] followers) {}

  private final SessionRegistry registry;
  private final DeliveryTracker receipts;
  private final Clock clock;
  private final FanOutWorkers<ToMany> lanes;

  /** What reading ahead read, which a compiler would leave out if it went nowhere. */
  @SuppressWarnings("UnusedVariable")
  private volatile int readAhead;

  FanOut(SessionRegistry registry, DeliveryTracker receipts, Clock clock, int laneCount) {
    this.registry = registry;
    this.receipts = receipts;
    this.clock = clock;
    this.lanes = new FanOutWorkers<>(laneCount, this::walk);
  }

  void onMessage(Message message) {
    Subscription[] followers = registry.followers(message.channel());
    boolean expired = message.expiredAt(clock.instant());
    receipts.onAnnounced(message, expired ? 0 : followers.length);
    if (followers.length == 0 || expired) {
      return;
    }
    DeliveryLog.fannedOut(message, followers.length);
    EncodedMessage announced = new EncodedMessage(message);
    if (followers.length < FOLLOWERS_WORTH_A_LANE) {
      List<EncodedMessage> alone = List.of(announced);
      for (Subscription subscription : followers) {
        subscription.session().deliver(subscription, alone);
      }
    } else {
      lanes.give(new ToMany(announced, followers));
    }
  }

  /** Messages one after the other that go to the same followers are of one channel. */
  @SuppressWarnings("ReferenceEquality") // the registry's one snapshot
  private void walk(int lane, List<ToMany> together) {
    int i = 0;
    while (i < together.size()) {
      Subscription[] followers = together.get(i).followers();
      List<EncodedMessage> toThese = new ArrayList<>(together.size() - i);
      int characters = 0;
      while (i < together.size()
          && together.get(i).followers() == followers
          && characters <= MAX_CHARACTERS_TOGETHER) {
        EncodedMessage announced = together.get(i++).announced();
        toThese.add(announced);
        characters += announced.message().data().length();
      }
      visit(lane, followers, toThese);
    }
  }

  private void visit(int lane, Subscription[] followers, List<EncodedMessage> toThese) {
    int read = 0;
    for (int from = 0; from < followers.length; from += READ_AHEAD) {
      int until = Math.min(followers.length, from + READ_AHEAD);
      for (int i = from; i < until; i++) {
        Session session = followers[i].session();
        if (lanes.holds(lane, session)) {
          read += session.readAhead();
        }
      }
      for (int i = from; i < until; i++) {
        Subscription subscription = followers[i];
        Session session = subscription.session();
        if (lanes.holds(lane, session)) {
          session.deliver(subscription, toThese);
        }
      }
    }
    readAhead = read;
  }

  @Override
  public void close() {
    lanes.close();
  }
}

package io.heliograph.hub;

import io.heliograph.message.Message;
import io.heliograph.session.EncodedFrame;
import io.heliograph.session.ServerFrame;
import io.heliograph.session.Session;
import io.heliograph.session.SessionRegistry;
import io.heliograph.session.Subscription;
import java.time.Clock;

/**
 * The second half of a push: an announced message to every session here that follows its channel.
 */
final class FanOut {

  /** With fewer followers than this a lane's wake-up costs more than it saves. */
  private static final int FOLLOWERS_WORTH_A_LANE = 16;

  private final SessionRegistry registry;
  private final Receipts receipts;
  private final Lanes lanes;
  private final Clock clock;

  FanOut(SessionRegistry registry, Receipts receipts, Lanes lanes, Clock clock) {
    this.registry = registry;
    this.receipts = receipts;
    this.lanes = lanes;
    this.clock = clock;
  }

  void onMessage(Message message) {
    Subscription[] followers = registry.followers(message.channel());
    boolean expired = message.expiredAt(clock.instant());
    receipts.onAnnounced(message, expired ? 0 : followers.length);
    if (followers.length == 0 || expired) {
      return;
    }
    DeliveryLog.fannedOut(message, followers.length);
    EncodedFrame frame = new EncodedFrame(new ServerFrame.Delivery(message));
    if (followers.length < FOLLOWERS_WORTH_A_LANE) {
      for (Subscription subscription : followers) {
        subscription.session().deliver(subscription, frame, message);
      }
      return;
    }
    for (int i = 0; i < lanes.count(); i++) {
      int lane = i;
      lanes.run(
          lane,
          () -> {
            for (Subscription subscription : followers) {
              Session session = subscription.session();
              if (lanes.laneOf(session) == lane) {
                session.deliver(subscription, frame, message);
              }
            }
          });
    }
  }
}

package io.heliograph.session;

import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import java.util.List;

/**
 * Sends a session what is current: announced messages, and states that were read where they are
 * stored. All that can fail comes before a cursor moves, so that a failure leaves no subscription
 * between two states.
 *
 * <p>When the queue is full, its messages are dropped and their subscriptions fall behind. They
 * read the log when there is room again.
 */
final class LiveDelivery {

  private LiveDelivery() {}

  /** See {@link Session#deliver}. Runs for each copy of a message, so it makes few objects. */
  static void deliver(Session session, Subscription subscription, List<EncodedMessage> announced) {
    SessionWriter writer = session.writer();
    PendingWrite write = null;
    Incidents incidents = Incidents.NONE;
    boolean room;
    synchronized (session) {
      if (!writer.isOpen() || subscription.isParked()) {
        return;
      }
      boolean behind = false;
      try {
        for (EncodedMessage each : announced) {
          Message message = each.message();
          StateVersion state = writer.context().state(message);
          EncodedFrame.Encoded encoded = each.frame().encoded(writer.transport().encoding());
          QueuedFrame frame =
              QueuedFrame.message(encoded, subscription, message, state, QueuedFrame.Kind.LIVE);
          switch (subscription.offer(message)) {
            case IGNORE -> {}
            case BEHIND -> behind = true;
            case NEXT -> {
              if (!session.isNews(message.channel(), state)) {
                continue;
              }
              if (!writer.fits(frame)) {
                writer.dropMessages();
                subscription.dropped(message.position());
                incidents = incidents.withOverflow();
                continue;
              }
              if (encoded.refusal() == null) {
                session.remember(message.channel(), state);
              } else {
                incidents = incidents.withUnsendable(message, encoded.refusal());
              }
              if (announced.size() == 1) {
                write = writer.enqueue(frame);
              } else {
                writer.add(frame);
              }
            }
          }
        }
      } catch (Throwable e) {
        incidents = incidents.withFault(e);
      }
      if (announced.size() > 1) {
        write = writer.flush();
      }
      room = (behind || incidents.overflow()) && writer.isFree();
    }
    writer.start(write);
    incidents.report(session, "Delivering a message");
    if (room) {
      writer.reportRoom();
    }
  }

  /** See {@link Session#deliverState}. */
  static boolean deliverState(Session session, Subscription subscription, Draft current) {
    SessionWriter writer = session.writer();
    Channel channel = subscription.channel();
    PendingWrite write;
    try {
      synchronized (session) {
        Position at = subscription.cursor();
        StateVersion state = writer.context().state(channel, current.data());
        // Without a position it waits for the answer to its subscribe, which brings a snapshot.
        if (!writer.isOpen()
            || at == null
            || state == null
            || !session.isCurrent(subscription)
            || !session.isNews(channel, state)) {
          return false;
        }
        Message message = current.at(channel, at);
        QueuedFrame frame =
            QueuedFrame.message(
                new EncodedMessage(message).frame().encoded(writer.transport().encoding()),
                subscription,
                message,
                state,
                QueuedFrame.Kind.RECOVERED);
        if (!writer.fits(frame)) {
          return false;
        }
        session.remember(channel, state);
        write = writer.enqueue(frame);
      }
    } catch (Throwable e) {
      writer.fail("Delivering a state", e);
      return false;
    }
    writer.start(write);
    return true;
  }
}

package io.heliograph.session;

import io.heliograph.message.History;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Sends a session one page of a channel's log. The messages that fit into the queue are sent; the
 * rest is read again when there is room.
 */
final class LogDelivery {

  private final Session session;
  private final SessionWriter writer;
  private final Encoding encoding;
  private final Subscription subscription;
  private final History page;

  private @Nullable PendingWrite write;
  private Incidents incidents = Incidents.NONE;

  LogDelivery(Subscription subscription, History page) {
    this.session = subscription.session();
    this.writer = session.writer();
    this.encoding = writer.transport().encoding();
    this.subscription = subscription;
    this.page = page;
  }

  /** See {@link Session#onPage}. */
  boolean deliver(int read, @Nullable ServerEvent first) {
    boolean outdated;
    synchronized (session) {
      outdated = !subscription.awaits(read) || !session.isCurrent(subscription);
    }
    if (outdated) {
      // The client has subscribed again, and that answer brings the messages, or has unsubscribed.
      // This answer is sent nevertheless.
      return first == null || Answers.send(session, first);
    }
    QueuedFrame answer = null;
    StateVersion state = null;
    if (first != null) {
      try {
        answer = QueuedFrame.answer(writer.transport().encode(first));
        state = writer.context().state(first);
      } catch (Throwable e) {
        writer.fail("Encoding an answer", e);
        return true;
      }
    }
    boolean slow = false;
    boolean room;
    synchronized (session) {
      if (!writer.isOpen() || !subscription.awaits(read)) {
        return true;
      }
      if (first != null && answer != null) {
        if (session.hasNewerState(first, state)) {
          return false;
        }
        slow = !enqueue(answer);
        session.remember(first, state);
      }
      Position through = slow ? page.begin() : enqueueMessages();
      subscription.caughtUpTo(through, page);
      room = subscription.isBehind() && writer.isFree();
    }
    writer.start(write);
    incidents.report(session, "Delivering a page of the log");
    if (slow) {
      writer.close(CloseReason.SLOW, Duration.ZERO);
    }
    if (room) {
      writer.reportRoom();
    }
    return true;
  }

  /** False when there is no room for it, although the messages in the queue were dropped. */
  private boolean enqueue(QueuedFrame answer) {
    if (!writer.fits(answer) && writer.dropMessages()) {
      incidents = incidents.withOverflow();
    }
    boolean fits = writer.fits(answer);
    if (fits) {
      write = writer.enqueue(answer);
    }
    return fits;
  }

  /** The position up to which the page was queued. */
  private Position enqueueMessages() {
    Position through = page.begin();
    try {
      for (Message message : page.messages()) {
        StateVersion state = writer.context().state(message);
        if (session.isNews(message.channel(), state)) {
          EncodedFrame.Encoded encoded = new EncodedMessage(message).frame().encoded(encoding);
          QueuedFrame frame =
              QueuedFrame.message(
                  encoded, subscription, message, state, QueuedFrame.Kind.RECOVERED);
          if (!writer.fits(frame)) {
            return through;
          }
          if (encoded.refusal() == null) {
            session.remember(message.channel(), state);
          } else {
            incidents = incidents.withUnsendable(message, encoded.refusal());
          }
          PendingWrite started = writer.enqueue(frame);
          write = write == null ? started : write;
        }
        through = message.position();
      }
      return page.through();
    } catch (Throwable e) {
      incidents = incidents.withFault(e);
      return through;
    }
  }
}

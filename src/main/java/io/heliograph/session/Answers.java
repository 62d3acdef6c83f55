package io.heliograph.session;

import io.heliograph.message.Position;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sends answers to a session. An answer that holds a state is not sent when the session has a newer
 * one: the state was read before the answer was queued.
 */
final class Answers {

  private Answers() {}

  /** See {@link Session#answer(ServerEvent)}. */
  static boolean send(Session session, ServerEvent answer) {
    return send(session, answer, null, null);
  }

  /** See {@link Session#answer(Subscription, Function)}. */
  static boolean send(
      Session session, Subscription subscription, Function<Position, ServerEvent> answer) {
    while (true) {
      Position at = subscription.cursor();
      if (at == null) {
        throw new IllegalStateException("a subscription without a position");
      }
      if (send(session, answer.apply(at), subscription, at)) {
        return true;
      }
      if (at.equals(subscription.cursor())) {
        return false;
      }
    }
  }

  /** False also when the subscription's cursor is no longer at the position. */
  private static boolean send(
      Session session,
      ServerEvent answer,
      @Nullable Subscription subscription,
      @Nullable Position at) {
    SessionWriter writer = session.writer();
    QueuedFrame frame;
    StateVersion state;
    try {
      frame = QueuedFrame.answer(writer.transport().encode(answer));
      state = writer.context().state(answer);
    } catch (Throwable e) {
      writer.fail("Encoding an answer", e);
      return true;
    }
    PendingWrite write = null;
    boolean dropped;
    boolean fits;
    synchronized (session) {
      if (!writer.isOpen()) {
        return true;
      }
      if (subscription != null && at != null && !at.equals(subscription.cursor())) {
        return false;
      }
      if (session.hasNewerState(answer, state)) {
        return false;
      }
      dropped = !writer.fits(frame) && writer.dropMessages();
      fits = writer.fits(frame);
      if (fits) {
        write = writer.enqueue(frame);
        session.remember(answer, state);
      }
    }
    writer.start(write);
    if (dropped) {
      writer.report(listener -> listener.onOverflow(session));
    }
    if (!fits) {
      // The queue is full of answers: the client sends requests and does not read.
      writer.close(CloseReason.SLOW, Duration.ZERO);
    }
    return true;
  }
}

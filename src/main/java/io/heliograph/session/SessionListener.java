package io.heliograph.session;

import io.heliograph.message.Channel;
import io.heliograph.message.Message;
import io.heliograph.message.Position;

/**
 * What the hub hears from a session. Called without the session's lock, on any thread; must not
 * block. What it throws ends the session with {@link CloseReason#FAULT}.
 */
public interface SessionListener {

  /**
   * The message was handed to the network.
   *
   * @param live it was announced just now, not read from the log
   */
  void onWritten(Session session, Message message, boolean live);

  /** The line is free and a subscription is behind: read its log. */
  void onRoom(Session session);

  /** A write did not complete at once; it is to be watched. */
  void onPending(Session session);

  /** The queue was full and was emptied; its subscriptions are behind. */
  void onOverflow(Session session);

  /**
   * The session's codec refused a message, so the session was told of a gap in its place.
   *
   * @param refusal what the codec threw
   */
  default void onUnsendable(Session session, Message message, Throwable refusal) {}

  /** The client is known to have received everything on this channel up to here. */
  default void onConfirmed(Session session, Channel channel, Position position) {}

  /** A write failed: the line is broken. */
  void onBroken(Session session);
}

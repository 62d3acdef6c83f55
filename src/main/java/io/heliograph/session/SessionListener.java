package io.heliograph.session;

import io.heliograph.message.Channel;
import io.heliograph.message.Message;
import io.heliograph.message.Position;

/**
 * What a session reports to the hub. Called without the session's lock, on any thread; must not
 * block. What it throws ends the session with {@link CloseReason#FAULT}.
 */
public interface SessionListener {

  /**
   * The message was handed to the network.
   *
   * @param live it was announced just now, not read from the log
   */
  void onWritten(Session session, Message message, boolean live);

  /** No write is in progress and a subscription is behind: read its log. */
  void onRoom(Session session);

  /** A write did not complete at once; the send timeout has to watch it. */
  void onPending(Session session);

  /** The queue was full and its messages were dropped; their subscriptions are behind. */
  void onOverflow(Session session);

  /**
   * The session's codec refused a message, so the session was sent a gap in its place.
   *
   * @param refusal what the codec threw
   */
  default void onUnsendable(Session session, Message message, Throwable refusal) {}

  /** The client is known to have received everything on this channel up to here. */
  default void onConfirmed(Session session, Channel channel, Position position) {}

  /** A write failed: the connection is broken. */
  void onBroken(Session session);
}

package io.heliograph.session;

import io.heliograph.message.Message;

/**
 * What the hub hears from a session. Called without the session's lock, on any thread; must not
 * block.
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

  /** A write failed: the line is broken. */
  void onBroken(Session session);
}

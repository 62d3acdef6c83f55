package io.heliograph.session;

import io.heliograph.message.Channel;
import io.heliograph.message.Message;
import io.heliograph.message.Position;

/**
 * What happens to sessions. Called on any thread and without the session's lock; must not block. A
 * session ends with {@link CloseReason#FAULT} if a listener throws what it reports itself, from
 * {@link #onWritten} on.
 */
public interface SessionListener {

  /** The hub has registered a session. */
  default void onConnected(Session session) {}

  /** The hub has removed a session. */
  default void onEnded(Session session, CloseReason reason) {}

  /** A session is carried by something else from now on: see {@link Transport#info}. */
  default void onTransportChanged(Session session) {}

  /** A client has presented a new token. */
  default void onIdentityChanged(Session session, Identity before) {}

  /** A session was registered for a channel. */
  default void onSubscribed(Subscription subscription) {}

  default void onUnsubscribed(Subscription subscription) {}

  /** The client has handled everything up to a position that it was sent. */
  default void onAcknowledged(Subscription subscription, Position position) {}

  /**
   * The message was handed to the network.
   *
   * @param live it was announced just now, not read from the log
   */
  default void onWritten(Session session, Message message, boolean live) {}

  /** The client is known to have received everything on this channel up to here. */
  default void onConfirmed(Session session, Channel channel, Position position) {}

  /** No write is in progress and a subscription is behind: its log is to be read. */
  default void onRoom(Session session) {}

  /** A write did not complete at once; the send timeout has to watch it. */
  default void onPending(Session session) {}

  /** The queue was full and its messages were dropped; their subscriptions are behind. */
  default void onOverflow(Session session) {}

  /**
   * The session's codec refused a message, so the session was sent a gap in its place.
   *
   * @param refusal what the codec threw
   */
  default void onUnsendable(Session session, Message message, Throwable refusal) {}
}

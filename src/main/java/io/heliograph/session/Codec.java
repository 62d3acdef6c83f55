package io.heliograph.session;

/**
 * What one protocol says for each event, as text or bytes without any transport's envelope.
 * Stateless, used by many threads; one object for all sessions of the protocol, because encoded
 * messages are shared by it.
 */
@FunctionalInterface
public interface Codec {

  /**
   * Encodes an event. May throw for an event that the protocol cannot carry: a message is then
   * skipped, and its subscribers get a gap.
   */
  Payload encode(ServerEvent event);

  /**
   * What is sent along with each ping of a transport, for clients that see no ping; the same for
   * all sessions.
   */
  default Payload heartbeat() {
    return Payload.NOTHING;
  }

  /**
   * Whether a session's own channels wait for a subscribe. They are registered for presence, limits
   * and closing as ever, but nothing is sent, and an unsubscribe leaves them registered.
   */
  default boolean parksOwnChannels() {
    return false;
  }
}

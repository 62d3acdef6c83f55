package io.heliograph.hub;

import io.heliograph.message.Channel;
import io.heliograph.session.StateVersion;
import org.jspecify.annotations.Nullable;

/**
 * The rules of one kind of channel that has a state, such as a login. Its messages are versions of
 * that state: a session is never sent an older one after a newer, a subscribe is answered with a
 * snapshot, and the subscription ends with the final state. Implementations are beans.
 */
public interface ChannelStates {

  /** Whether the channel is of this kind. A pure function. */
  boolean cover(Channel channel);

  /**
   * The version of a state of such a channel; null for a text that is not a state. A pure function,
   * because it is called under a session's lock.
   */
  @Nullable StateVersion version(String json);

  /** What such channels are called in a refusal, in the plural. */
  String noun();

  /** The number of such channels that a session may subscribe to. */
  int maxPerSession();

  /**
   * The number of sessions on this node that may subscribe to one of them; the oldest has to go.
   */
  int maxSubscribers();

  /**
   * A channel of this kind has got its first subscriber on this node, or lost its last. Called in
   * order under a lock of the channel; must not block.
   */
  default void onSubscribed(Channel channel, boolean subscribed) {}
}

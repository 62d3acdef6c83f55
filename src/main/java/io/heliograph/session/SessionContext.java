package io.heliograph.session;

import io.heliograph.message.Channel;
import io.heliograph.message.Message;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What all sessions of a node share, so that each holds one reference to it.
 *
 * @param maxQueuedBytes the bound of a session's queue; beyond it the queued messages are dropped
 * @param nanoTime monotonic nanoseconds
 * @param states recognizes states among the messages
 */
public record SessionContext(
    SessionListener listener,
    int maxQueuedBytes,
    LongSupplier nanoTime,
    StateVersion.Reader states) {

  /** Where no channel has states. */
  public SessionContext(SessionListener listener, int maxQueuedBytes, LongSupplier nanoTime) {
    this(listener, maxQueuedBytes, nanoTime, (_, _) -> null);
  }

  /** Null when the message is not a state. */
  @Nullable StateVersion state(Message message) {
    return states.read(message.channel(), message.data());
  }

  /** Null when the answer holds no state. */
  @Nullable StateVersion state(ServerEvent answer) {
    return answer instanceof ServerEvent.Subscribed subscribed && subscribed.state() != null
        ? states.read(subscribed.channel(), subscribed.state())
        : null;
  }

  /** Null when the text is not a state. */
  @Nullable StateVersion state(Channel channel, String json) {
    return states.read(channel, json);
  }
}

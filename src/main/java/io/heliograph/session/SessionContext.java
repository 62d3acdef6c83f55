package io.heliograph.session;

import io.heliograph.message.Message;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What all sessions of a node share, so that each holds one reference to it.
 *
 * @param maxQueuedBytes the most that waits for a slow client before its queue is dropped
 * @param nanoTime monotonic nanoseconds
 * @param states tells states from other messages
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

  /** Null when it is not a state. */
  @Nullable StateVersion mark(Message message) {
    return states.read(message.channel(), message.data());
  }

  /** Null when it holds no state. */
  @Nullable StateVersion mark(ServerEvent.Subscribed answer) {
    return answer.state() != null ? states.read(answer.channel(), answer.state()) : null;
  }
}

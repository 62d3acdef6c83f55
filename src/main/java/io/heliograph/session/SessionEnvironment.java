package io.heliograph.session;

import java.util.function.LongSupplier;

/**
 * What all sessions of a node share, so that each holds one reference to it.
 *
 * @param maxQueuedBytes the most that waits for a slow client before its queue is dropped
 * @param nanoTime monotonic nanoseconds
 * @param states tells states from other messages
 */
public record SessionEnvironment(
    SessionListener listener, int maxQueuedBytes, LongSupplier nanoTime, StateMark.Reader states) {

  /** Where no channel has states. */
  public SessionEnvironment(SessionListener listener, int maxQueuedBytes, LongSupplier nanoTime) {
    this(listener, maxQueuedBytes, nanoTime, (_, _) -> null);
  }
}

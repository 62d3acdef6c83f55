package io.heliograph.callback;

import io.heliograph.message.Channel;
import io.heliograph.message.Draft;

/** Publishes the message of an authentic {@code message.push}. */
@FunctionalInterface
public interface PushCallbacks {

  /**
   * Returns when the broker has appended the message; an exception means that nothing was accepted.
   *
   * @param draft has the same {@code once} for the same callback, so that a retry on another node
   *     does not append it again
   * @throws io.heliograph.broker.BrokerUnavailableException when the broker cannot be reached
   */
  void push(Channel channel, Draft draft);
}

package io.heliograph.callback;

import io.heliograph.message.Channel;
import io.heliograph.message.Draft;

/** Where a proved {@code message.push} goes: to the hub. */
@FunctionalInterface
public interface PushCallbacks {

  /**
   * Returns when the broker has the message; whatever it throws means that nothing was accepted.
   *
   * @param draft the same {@code once} for the same callback, so that a retry on another node
   *     appends nothing twice
   * @throws io.heliograph.broker.BrokerUnavailableException when the broker cannot be reached
   */
  void push(Channel channel, Draft draft);
}

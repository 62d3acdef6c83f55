package io.heliograph.callback;

import io.heliograph.message.Channel;
import io.heliograph.message.TraceParent;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Where a proved {@code message.push} goes: to the hub. */
@FunctionalInterface
public interface PushCallbacks {

  /**
   * Returns when the broker has the message; whatever it throws means that nothing was accepted.
   *
   * @param data one well-formed JSON value as compact text
   * @param dedupeId the same for the same callback, so that a retry on another node appends nothing
   *     twice
   * @throws io.heliograph.broker.BrokerUnavailableException when the broker cannot be reached
   */
  void push(
      Channel channel,
      String event,
      String data,
      @Nullable Duration ttl,
      @Nullable String key,
      @Nullable TraceParent trace,
      String dedupeId);
}

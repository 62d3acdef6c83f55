package io.heliograph.broker;

import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Changes a value that is stored beside a channel's log and publishes the change, in one atomic
 * step: either both happen or neither. A part of brokers whose data outlives a node; where it dies
 * with the node, one thing after the other is as good.
 */
public interface AtomicPublish {

  /**
   * A compare-and-set of a value. The value is first stored by its owner, with a version, a
   * deadline and a text in the same form.
   *
   * @param name of the value beside the channel's log
   * @param from the version that it must have
   * @param to its new version
   * @param deadline its new deadline; null: none
   * @param deleteAt when the value is deleted
   * @param text its new text
   * @param late whether the change is made after the deadline, too; otherwise the value does not
   *     change any more then
   */
  record Change(
      String name,
      String from,
      String to,
      @Nullable Instant deadline,
      Instant deleteAt,
      String text,
      boolean late) {}

  /**
   * Makes the change and publishes.
   *
   * @return whether both were done; false when the value has another version, or its deadline has
   *     passed. Fails with {@link BrokerUnavailableException} when it is unknown
   */
  CompletableFuture<Boolean> publish(Channel channel, Draft draft, Change change);
}

package io.heliograph.broker.redis;

import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Changes state beside a channel's log and publishes the change in one atomic step: either both
 * happen or neither.
 */
public interface AtomicPublish {

  /** A script that runs before publishing, in the same step. */
  final class Change {
    final Lua lua;

    /**
     * @param script removes its key and arguments from the ends of {@code KEYS} and {@code ARGV},
     *     finds Redis's time as {@code now} in ms, and returns {@code {0}} when nothing is to be
     *     published
     */
    public Change(String script) {
      lua = Script.publishAfter(script);
    }
  }

  /**
   * Makes the change and publishes.
   *
   * @param key of the state, appended to the common prefix of the channel's keys
   * @return whether both were done; fails with {@link
   *     io.heliograph.broker.BrokerUnavailableException} when that is unknown
   */
  CompletableFuture<Boolean> publish(
      Channel channel, Draft draft, Change change, String key, List<String> arguments);
}

package io.heliograph.broker.redis;

import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Where state that lies beside a channel's log changes in one step with what is announced of it:
 * either both happen or neither, whatever dies meanwhile.
 */
public interface AtomicPublish {

  /** A script that runs before the publishing, in the same step. */
  final class Change {
    final Lua lua;

    /**
     * @param script takes its key and its arguments off the ends of {@code KEYS} and {@code ARGV},
     *     has Redis's time as {@code now} in ms, and returns {@code {0}} when nothing is to be
     *     published
     */
    public Change(String script) {
      lua = Script.publishAfter(script);
    }
  }

  /**
   * Makes the change and publishes.
   *
   * @param key of the state, after the name that all of the channel's keys begin with
   * @return whether both were done; fails with {@link
   *     io.heliograph.broker.BrokerUnavailableException} when that is not known
   */
  CompletableFuture<Boolean> publish(
      Channel channel, Draft draft, Change change, String key, List<String> arguments);
}

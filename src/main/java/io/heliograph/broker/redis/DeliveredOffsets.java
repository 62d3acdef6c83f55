package io.heliograph.broker.redis;

import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;

/**
 * Collects delivered marks for Redis. Several sessions of a user, and bursts of messages, make one
 * mark, because only the furthest counts.
 */
final class DeliveredOffsets {

  /** Beyond this number marks are sent before their time. */
  private static final int MOST = 10_000;

  private final ConcurrentHashMap<Channel, Position> marksByChannel = new ConcurrentHashMap<>();
  private final BiFunction<Channel, Position, CompletableFuture<?>> send;

  DeliveredOffsets(BiFunction<Channel, Position, CompletableFuture<?>> send) {
    this.send = send;
  }

  void add(Channel channel, Position position) {
    marksByChannel.merge(
        channel,
        position,
        (waiting, mark) ->
            waiting.epoch().equals(mark.epoch()) && waiting.offset() > mark.offset()
                ? waiting
                : mark);
    if (marksByChannel.size() > MOST) {
      flush();
    }
  }

  void flush() {
    marksByChannel.keySet().forEach(this::flush);
  }

  /** Completed when the pending mark, if there is one, is stored or lost. */
  CompletableFuture<?> flush(Channel channel) {
    Position mark = marksByChannel.remove(channel);
    return mark == null ? CompletableFuture.completedFuture(null) : send.apply(channel, mark);
  }
}

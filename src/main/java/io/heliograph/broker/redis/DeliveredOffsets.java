package io.heliograph.broker.redis;

import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;

/**
 * What was delivered, on its way to Redis. A message to a user with several tabs, and a burst of
 * messages, is one mark: only the furthest counts.
 */
final class DeliveredOffsets {

  /** More than that is sent without waiting for its time. */
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

  /** Done when the mark that waited, if one did, is there or lost. */
  CompletableFuture<?> flush(Channel channel) {
    Position mark = marksByChannel.remove(channel);
    return mark == null ? CompletableFuture.completedFuture(null) : send.apply(channel, mark);
  }
}

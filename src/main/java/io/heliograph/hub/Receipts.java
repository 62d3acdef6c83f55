package io.heliograph.hub;

import io.heliograph.message.Channel;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Pushes whose backend waits to hear what became of them. Only those cost anything; a push that
 * does not wait leaves no trace here. Bounded by the requests that are under way.
 */
final class Receipts {

  /**
   * One push under way. A wait is opened before the push, since the message may be written before
   * that returns.
   */
  static final class Wait {
    private final String messageId;
    private final Channel channel;
    private final boolean untilAcknowledged;
    private final Set<String> writtenTo = ConcurrentHashMap.newKeySet();
    private final Set<String> acknowledgedBy = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Void> fulfilled = new CompletableFuture<>();

    /** Known when the message is first announced, which is before anyone can acknowledge it. */
    private volatile @Nullable Position position;

    private Wait(String messageId, Channel channel, boolean untilAcknowledged) {
      this.messageId = messageId;
      this.channel = channel;
      this.untilAcknowledged = untilAcknowledged;
    }

    CompletableFuture<Void> fulfilled() {
      return fulfilled;
    }

    int written() {
      return writtenTo.size();
    }

    int acknowledged() {
      return acknowledgedBy.size();
    }
  }

  private final ConcurrentHashMap<String, Wait> waitsByMessage = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Channel, Set<Wait>> waitsByChannel = new ConcurrentHashMap<>();

  Wait open(String messageId, Channel channel, boolean untilAcknowledged) {
    Wait wait = new Wait(messageId, channel, untilAcknowledged);
    waitsByMessage.put(messageId, wait);
    waitsByChannel.compute(
        channel,
        (_, waits) -> {
          Set<Wait> present = waits == null ? ConcurrentHashMap.newKeySet() : waits;
          present.add(wait);
          return present;
        });
    return wait;
  }

  void close(Wait wait) {
    waitsByMessage.remove(wait.messageId);
    waitsByChannel.computeIfPresent(
        wait.channel,
        (_, waits) -> {
          waits.remove(wait);
          return waits.isEmpty() ? null : waits;
        });
  }

  void onWritten(String sessionId, Message message) {
    if (waitsByMessage.isEmpty()) {
      return;
    }
    Wait wait = waitsByMessage.get(message.id());
    if (wait != null) {
      wait.position = message.position();
      wait.writtenTo.add(sessionId);
      if (!wait.untilAcknowledged) {
        wait.fulfilled.complete(null);
      }
    }
  }

  void onAcknowledged(String sessionId, Channel channel, Position through) {
    if (waitsByChannel.isEmpty()) {
      return;
    }
    Set<Wait> waits = waitsByChannel.get(channel);
    if (waits == null) {
      return;
    }
    for (Wait wait : waits) {
      Position position = wait.position;
      if (position != null
          && position.epoch().equals(through.epoch())
          && position.offset() <= through.offset()) {
        wait.acknowledgedBy.add(sessionId);
        wait.fulfilled.complete(null);
      }
    }
  }

  /** The message is about to be written. */
  void onAnnounced(Message message) {
    if (!waitsByMessage.isEmpty()) {
      Wait wait = waitsByMessage.get(message.id());
      if (wait != null) {
        wait.position = message.position();
      }
    }
  }
}

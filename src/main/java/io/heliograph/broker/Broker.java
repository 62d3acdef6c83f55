package io.heliograph.broker;

import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.History;
import io.heliograph.message.Position;
import io.heliograph.message.Published;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The seam to the cluster, between an accepted publish and the nodes that write the message to
 * sessions. A broker appends a message to its channel's log and announces it to the subscribed
 * nodes in one atomic step. The log is the truth; an announcement is a hint that carries the next
 * message, and may be lost or arrive twice.
 *
 * <p>No method blocks, and all may be called by any thread. Futures fail with {@link
 * BrokerUnavailableException} when the broker cannot be reached; then nothing was promised.
 */
public interface Broker {

  /** Sets the receiver of announcements. Called once, before any other method. */
  void start(BrokerListener listener);

  /**
   * Appends and announces a message. Of several drafts with the same {@link Draft#once()} on a
   * channel only the first is appended.
   */
  default CompletableFuture<Published> publish(Channel channel, Draft draft) {
    return publish(channel, draft, null);
  }

  /**
   * As above, with a request for receipts.
   *
   * @param wish sent with the announcement to every subscribed node; null when no publisher waits
   *     for receipts
   */
  CompletableFuture<Published> publish(Channel channel, Draft draft, @Nullable ReceiptWish wish);

  /**
   * Reads the log.
   *
   * @param since the page begins after it; null: with the oldest message that is left
   * @param limit the most messages on the page, at least 1
   */
  CompletableFuture<History> history(Channel channel, @Nullable Position since, int limit);

  /**
   * Reads the log from the delivered mark ({@link #markDelivered}); from the beginning when nothing
   * was delivered yet.
   */
  CompletableFuture<History> undelivered(Channel channel, int limit);

  /**
   * The position of the newest message; for a channel without a log, the position that its first
   * message follows.
   */
  CompletableFuture<Position> head(Channel channel);

  /**
   * Subscribes this node to the channel's announcements, because it has a session that follows it.
   * Idempotent; calls for one channel never overlap.
   */
  CompletableFuture<Void> subscribe(Channel channel);

  /** Unsubscribes this node: its last session that followed the channel has left. */
  void unsubscribe(Channel channel);

  /**
   * Remembers that a session received everything up to this position, so that the user's next new
   * session begins after it. A hint: it never goes back, and losing it repeats messages but loses
   * none.
   */
  void markDelivered(Channel channel, Position position);
}

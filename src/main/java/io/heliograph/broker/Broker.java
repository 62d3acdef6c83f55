package io.heliograph.broker;

import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.History;
import io.heliograph.message.Position;
import io.heliograph.message.Published;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The one seam to the cluster, between the push that is accepted and the node that writes it to a
 * socket. A broker appends a message to its channel's log and announces it to the subscribed nodes
 * in one atomic step. The log is the truth; an announcement is a hint that carries the next
 * message, and may be lost or come twice.
 *
 * <p>No method blocks. Futures fail with {@link BrokerUnavailableException} when the broker cannot
 * be reached: then nothing was promised. All methods are safe for use by many threads.
 */
public interface Broker {

  /** Where announcements go; called once, before anything else. */
  void start(BrokerListener listener);

  /**
   * Appends and announces. Of two drafts with one {@link Draft#once()} on a channel only the first
   * is appended.
   */
  default CompletableFuture<Published> publish(Channel channel, Draft draft) {
    return publish(channel, draft, null);
  }

  /**
   * The same.
   *
   * @param wish goes with the announcement to every node that hears it; null: nobody waits for
   *     receipts
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
   * Reads the log from where {@link #markDelivered} left off; from the beginning if nothing was
   * delivered yet.
   */
  CompletableFuture<History> undelivered(Channel channel, int limit);

  /** Where the log stands now; of a channel without a log, where its first message will follow. */
  CompletableFuture<Position> head(Channel channel);

  /**
   * This node now holds a session that follows the channel. Idempotent; calls for one channel never
   * overlap.
   */
  CompletableFuture<Void> subscribe(Channel channel);

  /** This node's last session that followed the channel has gone. */
  void unsubscribe(Channel channel);

  /**
   * Remembers that a browser was written everything up to here, so that the next fresh session of a
   * user begins after it. A hint: it never goes back, and losing it repeats messages but drops
   * none.
   */
  void markDelivered(Channel channel, Position position);
}

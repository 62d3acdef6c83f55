package io.heliograph.broker;

import io.heliograph.message.Channel;
import io.heliograph.message.Message;

/**
 * The node's ear: called by the broker for channels that this node subscribes to. Must not block.
 */
public interface BrokerListener {

  /**
   * A message was appended. Usually in the log's order, but that is not promised, nor is that it
   * comes at all.
   */
  void onMessage(Message message);

  /**
   * The same for a message whose publisher, on whichever node, waits for receipts. Only an
   * announcement brings the wish; who reads the message from the log is not asked.
   */
  default void onMessage(Message message, ReceiptWish wish) {
    onMessage(message);
  }

  /**
   * Announcements may have been lost (the line to the broker was cut): read the logs of everything
   * followed.
   */
  void onInterruption();

  /** The same for one channel. */
  default void onInterruption(Channel channel) {
    onInterruption();
  }
}

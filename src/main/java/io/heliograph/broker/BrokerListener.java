package io.heliograph.broker;

import io.heliograph.message.Channel;
import io.heliograph.message.Message;

/**
 * Receives the broker's announcements for the channels to which this node is subscribed. Must not
 * block.
 */
public interface BrokerListener {

  /**
   * A message was appended. Announcements usually arrive in the log's order, but neither order nor
   * arrival is guaranteed.
   */
  void onMessage(Message message);

  /**
   * As above, for a message whose publisher waits for receipts. Only announcements carry the
   * request; messages that are read from the log do not.
   */
  default void onMessage(Message message, ReceiptWish wish) {
    onMessage(message);
  }

  /**
   * Announcements may have been lost because the connection to the broker broke: the logs of all
   * followed channels have to be read.
   */
  void onInterruption();

  /** As above, for one channel. */
  default void onInterruption(Channel channel) {
    onInterruption();
  }
}

package io.heliograph.broker;

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
   * Announcements may have been lost (the line to the broker was cut): read the logs of everything
   * followed.
   */
  void onInterruption();
}

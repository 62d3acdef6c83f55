package io.heliograph.broker;

import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Short texts between the nodes of a cluster, beside the path of messages: queries, their replies,
 * and delivery receipts. A text may be lost, late, or delivered twice; a sender that needs a reply
 * sets a deadline.
 *
 * <p>No method blocks, and all may be called by any thread. Futures fail with {@link
 * BrokerUnavailableException} when the text could not be sent.
 */
public interface ClusterBus {

  /** The longest text, in characters. Longer ones are neither sent nor received. */
  int MAX_TEXT = 512 * 1024;

  /** What a text is about; selects the listener. The names are part of the bus protocol. */
  enum Kind {
    QUESTION,
    ANSWER,
    RECEIPT
  }

  /** This node's name: random, and different after each start. */
  String self();

  /** The number of nodes including this one, as far as is known now; at least 1. */
  int count();

  /** Sets the listener for one kind. */
  void listen(Kind kind, BusListener listener);

  /**
   * Sends a text to all other nodes.
   *
   * @return their names: the nodes with a valid lease, without this one
   */
  CompletableFuture<Set<String>> sendToAll(Kind kind, String text);

  /** Sends a text to one other node; to none if that node has left. */
  CompletableFuture<Void> send(String node, Kind kind, String text);
}

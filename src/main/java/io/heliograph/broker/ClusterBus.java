package io.heliograph.broker;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The line between the nodes of a cluster, beside the path that messages take: questions, their
 * answers and receipts are told on it as short texts. What is told may be lost, may come late and
 * may come twice; who needs an answer says until when.
 *
 * <p>No method blocks. Futures fail with {@link BrokerUnavailableException} when nobody could be
 * told. All methods are safe for use by many threads.
 */
public interface ClusterBus {

  /** The longest text, in characters. Longer ones are neither sent nor heard. */
  int MAX_TEXT = 512 * 1024;

  /** What a text is about, and so who hears it. */
  enum Kind {
    QUESTION,
    ANSWER,
    RECEIPT
  }

  /**
   * Something that another node told.
   *
   * @param from the node
   * @param atMost how long ago it was told; never longer ago than this
   * @param atLeast how long ago at least: the difference is what the clocks do not tell
   */
  record Told(String from, String text, Duration atMost, Duration atLeast) {}

  /** Called on the line's own thread: must not block. */
  @FunctionalInterface
  interface Ear {
    void onTold(Told told);
  }

  /** This node's name: random, and another one after each start. */
  String self();

  /** How many nodes there are with this one, as far as is known now; at least 1. */
  int count();

  /** Who hears texts of this kind; one ear a kind. */
  void hear(Kind kind, Ear ear);

  /**
   * Tells all other nodes.
   *
   * @return who they are at this moment: nodes with a valid lease, this one not among them
   */
  CompletableFuture<Set<String>> tellAll(Kind kind, String text);

  /** Tells one other node, or nobody when it has gone. */
  CompletableFuture<Void> tell(String node, Kind kind, String text);
}

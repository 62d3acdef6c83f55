package io.heliograph.cluster;

import io.heliograph.broker.BrokerUnavailableException;
import io.heliograph.hub.NodeCoverage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A query in progress. It ends when every node has replied, when one reply makes the others
 * unnecessary, or at its deadline with the replies so far.
 */
final class PendingQuery {

  /** The replies, in the order in which they arrived. */
  record Answers(List<ClusterReply> answers, NodeCoverage nodes) {
    <T extends ClusterReply> List<T> of(Class<T> kind) {
      return answers.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
  }

  private final Predicate<ClusterReply> enough;
  private final CompletableFuture<Answers> result = new CompletableFuture<>();

  // Guarded by this.
  private final Map<String, ClusterReply> answersByNode = new LinkedHashMap<>();

  /** Nodes that cannot answer: the query does not wait for them and counts them as not answered. */
  private final Set<String> unable = new HashSet<>();

  /** The nodes that received the query; null until known. */
  private @Nullable Set<String> asked;

  PendingQuery(Predicate<ClusterReply> enough) {
    this.enough = enough;
  }

  CompletableFuture<Answers> result() {
    return result;
  }

  /** Sets the nodes that received the query, including this one. */
  void asked(Set<String> nodes) {
    Answers whole;
    synchronized (this) {
      asked = Set.copyOf(nodes);
      whole = ifWhole();
    }
    complete(whole);
  }

  /**
   * Adds a reply; the first of each node counts. A node that is not among the expected ones has
   * received the query too, and adds to their number.
   */
  void onAnswer(String node, ClusterReply answer) {
    Answers whole;
    synchronized (this) {
      if (answer instanceof ClusterReply.NotUnderstood) {
        unable.add(node);
      } else if (!unable.contains(node)) {
        answersByNode.putIfAbsent(node, answer);
      }
      whole = asked != null && enough.test(answer) ? soFar(asked) : ifWhole();
    }
    complete(whole);
  }

  void onUnable(String node) {
    onAnswer(node, new ClusterReply.NotUnderstood());
  }

  void onDeadline() {
    Answers partial;
    synchronized (this) {
      partial = asked == null ? null : soFar(asked);
    }
    if (partial == null) {
      fail(new BrokerUnavailableException("The query could not be sent within its deadline", null));
    }
    complete(partial);
  }

  void fail(Throwable failure) {
    result.completeExceptionally(failure);
  }

  /** Under the lock. */
  private @Nullable Answers ifWhole() {
    if (asked == null) {
      return null;
    }
    for (String node : asked) {
      if (!answersByNode.containsKey(node) && !unable.contains(node)) {
        return null;
      }
    }
    return soFar(asked);
  }

  /** Under the lock. */
  private Answers soFar(Set<String> expected) {
    Set<String> all = new HashSet<>(expected);
    all.addAll(answersByNode.keySet());
    all.addAll(unable);
    return new Answers(
        new ArrayList<>(answersByNode.values()),
        new NodeCoverage(all.size(), answersByNode.size()));
  }

  /** Outside the lock, because dependents of the future run here. */
  private void complete(@Nullable Answers answers) {
    if (answers != null) {
      result.complete(answers);
    }
  }
}

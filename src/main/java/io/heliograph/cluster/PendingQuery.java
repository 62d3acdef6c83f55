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
 * One question under way. It ends when every node that was asked has answered, when an answer makes
 * the others needless, or at its deadline with what is there.
 */
final class PendingQuery {

  /** What came of it, in the order in which it came. */
  record Answers(List<ClusterReply> answers, NodeCoverage nodes) {
    <T extends ClusterReply> List<T> of(Class<T> kind) {
      return answers.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
  }

  private final Predicate<ClusterReply> enough;
  private final CompletableFuture<Answers> result = new CompletableFuture<>();

  // Guarded by this.
  private final Map<String, ClusterReply> answersByNode = new LinkedHashMap<>();

  /** Heard the question and cannot answer: nobody waits for them, and they count as silent. */
  private final Set<String> unable = new HashSet<>();

  /** Null: not known yet. */
  private @Nullable Set<String> asked;

  PendingQuery(Predicate<ClusterReply> enough) {
    this.enough = enough;
  }

  CompletableFuture<Answers> result() {
    return result;
  }

  /** So many are asked, this node among them. */
  void asked(Set<String> nodes) {
    Answers whole;
    synchronized (this) {
      asked = Set.copyOf(nodes);
      whole = ifWhole();
    }
    complete(whole);
  }

  /**
   * Takes in an answer; of two by one node the first counts. One that was not counted among those
   * to be asked heard the question all the same, and is one more.
   */
  void onAnswer(String node, ClusterReply answer) {
    Answers whole;
    synchronized (this) {
      if (answer instanceof ClusterReply.NotUnderstood) {
        unable.add(node);
      } else if (!unable.contains(node)) {
        answersByNode.putIfAbsent(node, answer);
      }
      whole = asked != null && enough.test(answer) ? sofar(asked) : ifWhole();
    }
    complete(whole);
  }

  void onUnable(String node) {
    onAnswer(node, new ClusterReply.NotUnderstood());
  }

  void onDeadline() {
    Answers partial;
    synchronized (this) {
      partial = asked == null ? null : sofar(asked);
    }
    if (partial == null) {
      fail(new BrokerUnavailableException("Nobody could be asked in time", null));
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
    return sofar(asked);
  }

  /** Under the lock. */
  private Answers sofar(Set<String> expected) {
    Set<String> all = new HashSet<>(expected);
    all.addAll(answersByNode.keySet());
    all.addAll(unable);
    return new Answers(
        new ArrayList<>(answersByNode.values()),
        new NodeCoverage(all.size(), answersByNode.size()));
  }

  /** Outside the lock: whoever waits goes on here. */
  private void complete(@Nullable Answers answers) {
    if (answers != null) {
      result.complete(answers);
    }
  }
}

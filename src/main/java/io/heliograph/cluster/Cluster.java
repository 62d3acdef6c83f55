package io.heliograph.cluster;

import io.heliograph.broker.BrokerUnavailableException;
import io.heliograph.broker.BusMessage;
import io.heliograph.broker.ClusterBus;
import io.heliograph.cluster.PendingQuery.Answers;
import io.heliograph.concurrent.Background;
import io.heliograph.hub.NodeCoverage;
import io.heliograph.message.Channel;
import io.heliograph.message.Ids;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a backend's question about sessions becomes one to all nodes, and where the other nodes'
 * questions are answered. A node that stays silent holds nobody up for longer than the deadline,
 * and every answer says how many nodes it speaks for.
 *
 * <p>Nothing here blocks. Futures fail with {@link BrokerUnavailableException} when nobody could be
 * asked.
 */
public final class Cluster {

  /** See {@link ClusterQuery.Sessions}. */
  public record Filter(@Nullable String user, @Nullable Channel channel) {}

  /**
   * @param cursor where the next page begins; null: this is the last one
   */
  public record Page(List<SessionInfo> sessions, @Nullable String cursor, NodeCoverage nodes) {}

  /**
   * @param session null: no node that answered holds it
   */
  public record Found(@Nullable SessionInfo session, NodeCoverage nodes) {}

  /**
   * @param users different ones among the sessions
   * @param exact false: so many users that their number is an estimate
   */
  public record Presence(int sessions, int users, boolean exact, NodeCoverage nodes) {}

  public record Closed(int sessions, NodeCoverage nodes) {}

  private static final Logger log = LoggerFactory.getLogger(Cluster.class);

  /** Questions of this node that may be under way at a time. */
  private static final int MOST_ASKED = 1_000;

  private final ClusterBus peers;
  private final LocalNode here;
  private final Duration deadline;
  private final Executor executor;
  private final BiConsumer<Duration, Runnable> after;
  private final LongSupplier nanoTime;
  private final ClusterMetrics metrics;
  private final ConcurrentHashMap<String, PendingQuery> askingById = new ConcurrentHashMap<>();

  /**
   * @param deadline how long a question waits for its answers
   * @param executor answers questions; may refuse when there are too many
   * @param after runs something after a time
   */
  Cluster(
      ClusterBus peers,
      LocalNode here,
      Duration deadline,
      Executor executor,
      BiConsumer<Duration, Runnable> after,
      LongSupplier nanoTime,
      ClusterMetrics metrics) {
    this.peers = peers;
    this.here = here;
    this.deadline = deadline;
    this.executor = executor;
    this.after = after;
    this.nanoTime = nanoTime;
    this.metrics = metrics;
  }

  void start() {
    peers.listen(ClusterBus.Kind.QUESTION, this::onQuestion);
    peers.listen(ClusterBus.Kind.ANSWER, this::onAnswer);
  }

  // Asking ----------------------------------------------------------------------------------------

  /**
   * A page of all sessions that the filter lets through, in the order of their ids.
   *
   * @param cursor of the page before; null: the first page
   */
  public CompletableFuture<Page> sessions(Filter filter, @Nullable String cursor, int limit) {
    String channel = filter.channel() == null ? null : filter.channel().text();
    return ask(new ClusterQuery.Sessions(filter.user(), channel, cursor, limit), _ -> false)
        .thenApply(answers -> page(answers, limit));
  }

  /** Pages of several nodes to one, as if one node held all. */
  private static Page page(Answers answers, int limit) {
    List<ClusterReply.Sessions> pages = answers.of(ClusterReply.Sessions.class);
    // What comes after the end of a page that is not the last, its node has not told yet.
    String known =
        pages.stream()
            .filter(page -> page.more() && !page.sessions().isEmpty())
            .map(page -> page.sessions().getLast().session())
            .min(Comparator.naturalOrder())
            .orElse(null);
    List<SessionInfo> all =
        pages.stream()
            .flatMap(page -> page.sessions().stream())
            .filter(info -> known == null || info.session().compareTo(known) <= 0)
            .sorted(Comparator.comparing(SessionInfo::session))
            .toList();
    List<SessionInfo> shown = all.subList(0, Math.min(limit, all.size()));
    boolean more = known != null || shown.size() < all.size();
    return new Page(shown, more ? shown.getLast().session() : null, answers.nodes());
  }

  public CompletableFuture<Found> session(String id) {
    ClusterQuery.OneSession question = new ClusterQuery.OneSession(id);
    CompletableFuture<Answers> answers =
        here.holds(id)
            ? alone(question)
            : ask(
                question,
                answer -> answer instanceof ClusterReply.Sessions s && !s.sessions().isEmpty());
    return answers.thenApply(
        found ->
            new Found(
                found.of(ClusterReply.Sessions.class).stream()
                    .flatMap(page -> page.sessions().stream())
                    .findFirst()
                    .orElse(null),
                found.nodes()));
  }

  public CompletableFuture<Presence> presence(Channel channel) {
    return ask(new ClusterQuery.Followers(channel.text()), _ -> false)
        .thenApply(
            answers -> {
              List<ClusterReply.Followers> nodes = answers.of(ClusterReply.Followers.class);
              UserSketch users =
                  UserSketch.together(nodes.stream().map(ClusterReply.Followers::users).toList());
              return new Presence(
                  nodes.stream().mapToInt(ClusterReply.Followers::sessions).sum(),
                  users.count(),
                  users.all(),
                  answers.nodes());
            });
  }

  /** Closes a session for good, wherever it is. */
  public CompletableFuture<Closed> closeSession(String id) {
    ClusterQuery.CloseSession question = new ClusterQuery.CloseSession(id);
    CompletableFuture<Answers> answers =
        here.holds(id)
            ? alone(question)
            : ask(question, answer -> answer instanceof ClusterReply.Closed c && c.sessions() > 0);
    return answers.thenApply(Cluster::closed);
  }

  /** Closes all sessions that a user has now, and none that comes later. */
  public CompletableFuture<Closed> closeUser(String user) {
    return ask(new ClusterQuery.CloseUser(user), _ -> false).thenApply(Cluster::closed);
  }

  private static Closed closed(Answers answers) {
    return new Closed(
        answers.of(ClusterReply.Closed.class).stream()
            .mapToInt(ClusterReply.Closed::sessions)
            .sum(),
        answers.nodes());
  }

  /** What this node can do by itself does not depend on the others. */
  private CompletableFuture<Answers> alone(ClusterQuery question) {
    return CompletableFuture.completedFuture(
        new Answers(List.of(here.answer(question, Duration.ZERO)), new NodeCoverage(1, 1)));
  }

  /**
   * @param enough whether an answer makes all others needless
   */
  private CompletableFuture<Answers> ask(ClusterQuery question, Predicate<ClusterReply> enough) {
    if (askingById.size() >= MOST_ASKED) {
      return CompletableFuture.failedFuture(
          new BrokerUnavailableException("Too many questions are under way", null));
    }
    long started = nanoTime.getAsLong();
    String id = Ids.random128();
    PendingQuery asking = new PendingQuery(enough);
    askingById.put(id, asking);
    after.accept(deadline, asking::onDeadline);
    Background.onCompletion(
        Background.attempt(
            () ->
                peers.sendToAll(
                    ClusterBus.Kind.QUESTION, QueryCodec.of(id, worthwhile(), question))),
        (others, failure) -> {
          if (others == null) {
            asking.fail(failure == null ? new IllegalStateException("no nodes") : failure);
            return;
          }
          Set<String> all = new HashSet<>(others);
          all.add(peers.self());
          asking.asked(all);
          answerHere(asking, question, started);
        },
        asking::fail);
    return asking
        .result()
        .whenComplete(
            (answers, _) -> {
              askingById.remove(id);
              metrics.asked(answers);
            });
  }

  /** What is done in the last moment still has to come back: so other nodes have a little less. */
  private Duration worthwhile() {
    return deadline.multipliedBy(4).dividedBy(5);
  }

  private void answerHere(PendingQuery asking, ClusterQuery question, long started) {
    try {
      executor.execute(
          () -> {
            if (asking.result().isDone()) {
              return;
            }
            try {
              Duration age = Duration.ofNanos(nanoTime.getAsLong() - started);
              asking.onAnswer(peers.self(), here.answer(question, age));
            } catch (Throwable e) {
              asking.fail(e);
            }
          });
    } catch (RejectedExecutionException e) {
      asking.onUnable(peers.self());
    }
  }

  private void onAnswer(BusMessage told) {
    try {
      executor.execute(Background.guarded("Taking in an answer", () -> takeIn(told)));
    } catch (RejectedExecutionException e) {
      log.debug("No room for an answer");
    }
  }

  private void takeIn(BusMessage told) {
    try {
      QueryCodec.Answered answered = QueryCodec.answered(told.text());
      PendingQuery asking = askingById.get(answered.id());
      // Null: too late, or nothing that this node asked.
      if (asking != null) {
        asking.onAnswer(told.from(), QueryCodec.answer(answered));
      }
    } catch (IllegalArgumentException e) {
      log.debug("An answer of another node is not understood");
    }
  }

  // Answering -------------------------------------------------------------------------------------

  private void onQuestion(BusMessage told) {
    long heard = nanoTime.getAsLong();
    try {
      executor.execute(Background.guarded("Answering a question", () -> answer(told, heard)));
    } catch (RejectedExecutionException e) {
      metrics.heard(ClusterMetrics.Heard.NO_ROOM);
    }
  }

  private void answer(BusMessage told, long heard) {
    QueryCodec.Asked asked;
    try {
      asked = QueryCodec.asked(told.text());
    } catch (IllegalArgumentException e) {
      metrics.heard(ClusterMetrics.Heard.MALFORMED);
      return;
    }
    Duration waited = Duration.ofNanos(nanoTime.getAsLong() - heard);
    if (told.ageAtMost().plus(waited).toMillis() >= asked.within()) {
      // Nobody waits any more, and what was to be done is somebody else's decision now.
      metrics.heard(ClusterMetrics.Heard.LATE);
      return;
    }
    ClusterReply answer = answer(QueryCodec.question(asked), told.ageAtLeast().plus(waited));
    metrics.heard(
        answer instanceof ClusterReply.NotUnderstood
            ? ClusterMetrics.Heard.NOT_UNDERSTOOD
            : ClusterMetrics.Heard.ANSWERED);
    Background.onFailure(
        "Sending an answer",
        peers.send(told.from(), ClusterBus.Kind.ANSWER, QueryCodec.of(asked.id(), answer)),
        failure -> log.debug("An answer was lost", failure));
  }

  private ClusterReply answer(@Nullable ClusterQuery question, Duration age) {
    try {
      return question == null ? new ClusterReply.NotUnderstood() : here.answer(question, age);
    } catch (RuntimeException e) {
      log.error("Another node's question could not be answered", e);
      return new ClusterReply.NotUnderstood();
    }
  }
}

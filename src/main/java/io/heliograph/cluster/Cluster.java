package io.heliograph.cluster;

import io.heliograph.broker.BrokerUnavailableException;
import io.heliograph.broker.Peers;
import io.heliograph.cluster.Asking.Answers;
import io.heliograph.hub.Nodes;
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

  /** See {@link Question.Sessions}. */
  public record Filter(@Nullable String user, @Nullable Channel channel) {}

  /**
   * @param cursor where the next page begins; null: this is the last one
   */
  public record Page(List<SessionInfo> sessions, @Nullable String cursor, Nodes nodes) {}

  /**
   * @param session null: no node that answered holds it
   */
  public record Found(@Nullable SessionInfo session, Nodes nodes) {}

  /**
   * @param users different ones among the sessions
   * @param exact false: so many users that their number is an estimate
   */
  public record Presence(int sessions, int users, boolean exact, Nodes nodes) {}

  public record Closed(int sessions, Nodes nodes) {}

  private static final Logger log = LoggerFactory.getLogger(Cluster.class);

  /** Questions of this node that may be under way at a time. */
  private static final int MOST_ASKED = 1_000;

  private final Peers peers;
  private final ThisNode here;
  private final Duration deadline;
  private final Executor executor;
  private final BiConsumer<Duration, Runnable> after;
  private final LongSupplier nanoTime;
  private final ClusterMetrics metrics;
  private final ConcurrentHashMap<String, Asking> askingById = new ConcurrentHashMap<>();

  /**
   * @param deadline how long a question waits for its answers
   * @param executor answers questions; may refuse when there are too many
   * @param after runs something after a time
   */
  Cluster(
      Peers peers,
      ThisNode here,
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
    peers.hear(Peers.Kind.QUESTION, this::onQuestion);
    peers.hear(Peers.Kind.ANSWER, this::onAnswer);
  }

  // Asking ----------------------------------------------------------------------------------------

  /**
   * A page of all sessions that the filter lets through, in the order of their ids.
   *
   * @param cursor of the page before; null: the first page
   */
  public CompletableFuture<Page> sessions(Filter filter, @Nullable String cursor, int limit) {
    String channel = filter.channel() == null ? null : filter.channel().text();
    return ask(new Question.Sessions(filter.user(), channel, cursor, limit), _ -> false)
        .thenApply(answers -> page(answers, limit));
  }

  /** Pages of several nodes to one, as if one node held all. */
  private static Page page(Answers answers, int limit) {
    List<Answer.Sessions> pages = answers.of(Answer.Sessions.class);
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
    Question.OneSession question = new Question.OneSession(id);
    CompletableFuture<Answers> answers =
        here.holds(id)
            ? alone(question)
            : ask(
                question, answer -> answer instanceof Answer.Sessions s && !s.sessions().isEmpty());
    return answers.thenApply(
        found ->
            new Found(
                found.of(Answer.Sessions.class).stream()
                    .flatMap(page -> page.sessions().stream())
                    .findFirst()
                    .orElse(null),
                found.nodes()));
  }

  public CompletableFuture<Presence> presence(Channel channel) {
    return ask(new Question.Followers(channel.text()), _ -> false)
        .thenApply(
            answers -> {
              List<Answer.Followers> nodes = answers.of(Answer.Followers.class);
              Users users = Users.together(nodes.stream().map(Answer.Followers::users).toList());
              return new Presence(
                  nodes.stream().mapToInt(Answer.Followers::sessions).sum(),
                  users.count(),
                  users.all(),
                  answers.nodes());
            });
  }

  /** Closes a session for good, wherever it is. */
  public CompletableFuture<Closed> closeSession(String id) {
    Question.CloseSession question = new Question.CloseSession(id);
    CompletableFuture<Answers> answers =
        here.holds(id)
            ? alone(question)
            : ask(question, answer -> answer instanceof Answer.Closed c && c.sessions() > 0);
    return answers.thenApply(Cluster::closed);
  }

  /** Closes all sessions that a user has now, and none that comes later. */
  public CompletableFuture<Closed> closeUser(String user) {
    return ask(new Question.CloseUser(user), _ -> false).thenApply(Cluster::closed);
  }

  private static Closed closed(Answers answers) {
    return new Closed(
        answers.of(Answer.Closed.class).stream().mapToInt(Answer.Closed::sessions).sum(),
        answers.nodes());
  }

  /** What this node can do by itself does not depend on the others. */
  private CompletableFuture<Answers> alone(Question question) {
    return CompletableFuture.completedFuture(
        new Answers(List.of(here.answer(question, Duration.ZERO)), new Nodes(1, 1)));
  }

  /**
   * @param enough whether an answer makes all others needless
   */
  private CompletableFuture<Answers> ask(Question question, Predicate<Answer> enough) {
    if (askingById.size() >= MOST_ASKED) {
      return CompletableFuture.failedFuture(
          new BrokerUnavailableException("Too many questions are under way", null));
    }
    long started = nanoTime.getAsLong();
    String id = Ids.random128();
    Asking asking = new Asking(enough);
    askingById.put(id, asking);
    after.accept(deadline, asking::onDeadline);
    peers
        .tellAll(Peers.Kind.QUESTION, ControlText.of(id, worthwhile(), question))
        .whenComplete(
            (others, failure) -> {
              if (failure != null) {
                asking.fail(failure);
                return;
              }
              Set<String> all = new HashSet<>(others);
              all.add(peers.self());
              asking.asked(all);
              answerHere(asking, question, started);
            });
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

  private void answerHere(Asking asking, Question question, long started) {
    try {
      executor.execute(
          () -> {
            if (asking.result().isDone()) {
              return;
            }
            try {
              Duration age = Duration.ofNanos(nanoTime.getAsLong() - started);
              asking.onAnswer(peers.self(), here.answer(question, age));
            } catch (RuntimeException e) {
              asking.fail(e);
            }
          });
    } catch (RejectedExecutionException e) {
      asking.onUnable(peers.self());
    }
  }

  private void onAnswer(Peers.Told told) {
    try {
      executor.execute(() -> takeIn(told));
    } catch (RejectedExecutionException e) {
      log.debug("No room for an answer");
    }
  }

  private void takeIn(Peers.Told told) {
    try {
      ControlText.Answered answered = ControlText.answered(told.text());
      Asking asking = askingById.get(answered.id());
      // Null: too late, or nothing that this node asked.
      if (asking != null) {
        asking.onAnswer(told.from(), ControlText.answer(answered));
      }
    } catch (IllegalArgumentException e) {
      log.debug("An answer of another node is not understood");
    }
  }

  // Answering -------------------------------------------------------------------------------------

  private void onQuestion(Peers.Told told) {
    long heard = nanoTime.getAsLong();
    try {
      executor.execute(() -> answer(told, heard));
    } catch (RejectedExecutionException e) {
      metrics.heard(ClusterMetrics.Heard.NO_ROOM);
    }
  }

  private void answer(Peers.Told told, long heard) {
    ControlText.Asked asked;
    try {
      asked = ControlText.asked(told.text());
    } catch (IllegalArgumentException e) {
      metrics.heard(ClusterMetrics.Heard.MALFORMED);
      return;
    }
    Duration waited = Duration.ofNanos(nanoTime.getAsLong() - heard);
    if (told.atMost().plus(waited).toMillis() >= asked.within()) {
      // Nobody waits any more, and what was to be done is somebody else's decision now.
      metrics.heard(ClusterMetrics.Heard.LATE);
      return;
    }
    Answer answer = answer(ControlText.question(asked), told.atLeast().plus(waited));
    metrics.heard(
        answer instanceof Answer.NotUnderstood
            ? ClusterMetrics.Heard.NOT_UNDERSTOOD
            : ClusterMetrics.Heard.ANSWERED);
    peers
        .tell(told.from(), Peers.Kind.ANSWER, ControlText.of(asked.id(), answer))
        .exceptionally(
            failure -> {
              log.debug("An answer was lost", failure);
              return null;
            });
  }

  private Answer answer(@Nullable Question question, Duration age) {
    try {
      return question == null ? new Answer.NotUnderstood() : here.answer(question, age);
    } catch (RuntimeException e) {
      log.error("Another node's question could not be answered", e);
      return new Answer.NotUnderstood();
    }
  }
}

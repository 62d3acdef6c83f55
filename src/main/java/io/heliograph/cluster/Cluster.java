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
 * Sends the REST API's queries about sessions to all nodes, and answers the queries of other nodes.
 * A result is there at the deadline at the latest, also when nodes do not reply, and says how many
 * nodes it covers.
 *
 * <p>Nothing here blocks. Futures fail with {@link BrokerUnavailableException} when the query could
 * not be sent.
 */
public final class Cluster {

  /** See {@link ClusterQuery.Sessions}. */
  public record Filter(@Nullable String user, @Nullable Channel channel) {}

  /**
   * @param cursor where the next page begins; null on the last page
   */
  public record Page(List<SessionInfo> sessions, @Nullable String cursor, NodeCoverage nodes) {}

  /**
   * @param session null when no node that replied has it
   */
  public record Found(@Nullable SessionInfo session, NodeCoverage nodes) {}

  /**
   * @param users the number of distinct users of these sessions
   * @param exact false when the number of users is an estimate
   */
  public record Presence(int sessions, int users, boolean exact, NodeCoverage nodes) {}

  public record Closed(int sessions, NodeCoverage nodes) {}

  private static final Logger log = LoggerFactory.getLogger(Cluster.class);

  /** The most queries of this node in progress at a time. */
  private static final int MAX_PENDING = 1_000;

  private final ClusterBus bus;
  private final LocalNode here;
  private final Duration deadline;
  private final Executor executor;
  private final BiConsumer<Duration, Runnable> after;
  private final LongSupplier nanoTime;
  private final ClusterMetrics metrics;
  private final ConcurrentHashMap<String, PendingQuery> pendingById = new ConcurrentHashMap<>();

  /**
   * @param deadline how long a query waits for replies
   * @param executor computes replies; may reject
   * @param after runs a task after a delay
   */
  Cluster(
      ClusterBus bus,
      LocalNode here,
      Duration deadline,
      Executor executor,
      BiConsumer<Duration, Runnable> after,
      LongSupplier nanoTime,
      ClusterMetrics metrics) {
    this.bus = bus;
    this.here = here;
    this.deadline = deadline;
    this.executor = executor;
    this.after = after;
    this.nanoTime = nanoTime;
    this.metrics = metrics;
  }

  void start() {
    bus.listen(ClusterBus.Kind.QUESTION, this::onQuery);
    bus.listen(ClusterBus.Kind.ANSWER, this::onAnswer);
  }

  // Asking ----------------------------------------------------------------------------------------

  /**
   * A page of the sessions that match the filter, ordered by id.
   *
   * @param cursor of the previous page; null for the first
   */
  public CompletableFuture<Page> sessions(Filter filter, @Nullable String cursor, int limit) {
    String channel = filter.channel() == null ? null : filter.channel().text();
    return ask(new ClusterQuery.Sessions(filter.user(), channel, cursor, limit), _ -> false)
        .thenApply(answers -> page(answers, limit));
  }

  /** Merges the pages of several nodes. */
  private static Page page(Answers answers, int limit) {
    List<ClusterReply.Sessions> pages = answers.of(ClusterReply.Sessions.class);
    // Sessions beyond the end of a page that is not the last are not known yet.
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
    ClusterQuery.OneSession query = new ClusterQuery.OneSession(id);
    CompletableFuture<Answers> answers =
        here.holds(id)
            ? alone(query)
            : ask(
                query,
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
    return ask(new ClusterQuery.SubscriberCount(channel.text()), _ -> false)
        .thenApply(
            answers -> {
              List<ClusterReply.SubscriberCount> nodes =
                  answers.of(ClusterReply.SubscriberCount.class);
              UserSketch users =
                  UserSketch.merge(
                      nodes.stream().map(ClusterReply.SubscriberCount::users).toList());
              return new Presence(
                  nodes.stream().mapToInt(ClusterReply.SubscriberCount::sessions).sum(),
                  users.count(),
                  users.all(),
                  answers.nodes());
            });
  }

  /** Closes a session on whichever node it is; its client must not reconnect. */
  public CompletableFuture<Closed> closeSession(String id) {
    ClusterQuery.CloseSession query = new ClusterQuery.CloseSession(id);
    CompletableFuture<Answers> answers =
        here.holds(id)
            ? alone(query)
            : ask(query, answer -> answer instanceof ClusterReply.Closed c && c.sessions() > 0);
    return answers.thenApply(Cluster::closed);
  }

  /** Closes the sessions that a user has now, but none that connects later. */
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

  /** Answers a query that this node can answer alone. */
  private CompletableFuture<Answers> alone(ClusterQuery query) {
    return CompletableFuture.completedFuture(
        new Answers(List.of(here.answer(query, Duration.ZERO)), new NodeCoverage(1, 1)));
  }

  /**
   * @param enough whether a reply makes all others unnecessary
   */
  private CompletableFuture<Answers> ask(ClusterQuery query, Predicate<ClusterReply> enough) {
    if (pendingById.size() >= MAX_PENDING) {
      return CompletableFuture.failedFuture(
          new BrokerUnavailableException(
              "This node has " + MAX_PENDING + " queries in progress, which is its limit", null));
    }
    long started = nanoTime.getAsLong();
    String id = Ids.random128();
    PendingQuery pending = new PendingQuery(enough);
    pendingById.put(id, pending);
    after.accept(deadline, pending::onDeadline);
    Background.onCompletion(
        Background.attempt(
            () ->
                bus.sendToAll(ClusterBus.Kind.QUESTION, QueryCodec.of(id, replyDeadline(), query))),
        (others, failure) -> {
          if (others == null) {
            pending.fail(
                failure == null
                    ? new IllegalStateException("the bus returned no list of nodes")
                    : failure);
            return;
          }
          Set<String> all = new HashSet<>(others);
          all.add(bus.self());
          pending.asked(all);
          answerHere(pending, query, started);
        },
        pending::fail);
    return pending
        .result()
        .whenComplete(
            (answers, _) -> {
              pendingById.remove(id);
              metrics.asked(answers);
            });
  }

  /** The time that other nodes have: less than the deadline, because the reply must come back. */
  private Duration replyDeadline() {
    return deadline.multipliedBy(4).dividedBy(5);
  }

  private void answerHere(PendingQuery pending, ClusterQuery query, long started) {
    try {
      executor.execute(
          () -> {
            if (pending.result().isDone()) {
              return;
            }
            try {
              Duration age = Duration.ofNanos(nanoTime.getAsLong() - started);
              pending.onAnswer(bus.self(), here.answer(query, age));
            } catch (Throwable e) {
              pending.fail(e);
            }
          });
    } catch (RejectedExecutionException e) {
      pending.onUnable(bus.self());
    }
  }

  private void onAnswer(BusMessage message) {
    try {
      executor.execute(Background.guarded("Processing a reply", () -> processReply(message)));
    } catch (RejectedExecutionException e) {
      log.debug("A reply was dropped: the executor is full");
    }
  }

  private void processReply(BusMessage message) {
    try {
      QueryCodec.Answered answered = QueryCodec.answered(message.text());
      PendingQuery pending = pendingById.get(answered.id());
      // Null after the deadline, or when this node did not send such a query.
      if (pending != null) {
        pending.onAnswer(message.from(), QueryCodec.answer(answered));
      }
    } catch (IllegalArgumentException e) {
      log.debug("A reply of another node cannot be read");
    }
  }

  // Answering -------------------------------------------------------------------------------------

  private void onQuery(BusMessage message) {
    long arrivedNanos = nanoTime.getAsLong();
    try {
      executor.execute(
          Background.guarded("Answering a query", () -> answer(message, arrivedNanos)));
    } catch (RejectedExecutionException e) {
      metrics.arrived(ClusterMetrics.Arrived.NO_ROOM);
    }
  }

  private void answer(BusMessage message, long arrivedNanos) {
    QueryCodec.Asked asked;
    try {
      asked = QueryCodec.asked(message.text());
    } catch (IllegalArgumentException e) {
      metrics.arrived(ClusterMetrics.Arrived.MALFORMED);
      return;
    }
    Duration waited = Duration.ofNanos(nanoTime.getAsLong() - arrivedNanos);
    if (message.ageAtMost().plus(waited).toMillis() >= asked.within()) {
      // The sender no longer waits, and may have decided otherwise since.
      metrics.arrived(ClusterMetrics.Arrived.LATE);
      return;
    }
    ClusterReply answer = answer(QueryCodec.question(asked), message.ageAtLeast().plus(waited));
    metrics.arrived(
        answer instanceof ClusterReply.NotUnderstood
            ? ClusterMetrics.Arrived.NOT_UNDERSTOOD
            : ClusterMetrics.Arrived.ANSWERED);
    Background.onFailure(
        "Sending a reply",
        bus.send(message.from(), ClusterBus.Kind.ANSWER, QueryCodec.of(asked.id(), answer)),
        failure -> log.debug("A reply could not be sent", failure));
  }

  private ClusterReply answer(@Nullable ClusterQuery query, Duration age) {
    try {
      return query == null ? new ClusterReply.NotUnderstood() : here.answer(query, age);
    } catch (RuntimeException e) {
      log.error("Answering another node's query failed", e);
      return new ClusterReply.NotUnderstood();
    }
  }
}

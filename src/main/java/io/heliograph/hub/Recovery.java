package io.heliograph.hub;

import io.heliograph.broker.Broker;
import io.heliograph.concurrent.Background;
import io.heliograph.message.Channel;
import io.heliograph.message.History;
import io.heliograph.message.Position;
import io.heliograph.session.ServerEvent;
import io.heliograph.session.Session;
import io.heliograph.session.SessionRegistry;
import io.heliograph.session.Subscription;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one path by which anything that was missed reaches a session: it reads the channel's log from
 * the subscription's cursor, a page at a time, whenever the line has room.
 */
final class Recovery {

  private static final Logger log = LoggerFactory.getLogger(Recovery.class);

  /** Messages a page: what a line takes in one or two flushes. */
  static final int PAGE = 64;

  /**
   * Sessions read for a tick: when the broker was away all are behind, and it is not to be run
   * over.
   */
  private static final int SESSIONS_A_TICK = 500;

  private final Broker broker;
  private final SessionRegistry registry;
  private final HubMetrics metrics;

  /** Sessions whose log could not be read; tried again at the next tick. */
  private final Set<Session> waiting = ConcurrentHashMap.newKeySet();

  Recovery(Broker broker, SessionRegistry registry, HubMetrics metrics) {
    this.broker = broker;
    this.registry = registry;
    this.metrics = metrics;
  }

  /** Reads for each subscription of the session that is behind, if the line is free. */
  void run(Session session) {
    for (Subscription subscription : session.subscriptions()) {
      int read = session.beginReading(subscription);
      if (read != 0) {
        // First the ear, then the log: what is appended after the page has to be announced here.
        Background.onCompletion(
            Background.attempt(() -> registry.hear(subscription.channel(), broker::subscribe))
                .thenCompose(_ -> page(subscription.channel(), subscription.cursor())),
            (page, failure) -> arrived(subscription, read, page, failure),
            failure -> session.fail("Reading a log", failure));
      }
    }
  }

  private void arrived(
      Subscription subscription, int read, @Nullable History page, @Nullable Throwable failure) {
    Session session = subscription.session();
    if (page == null) {
      log.debug("A log could not be read, trying again soon", failure);
      session.readingFailed(subscription, read);
      waiting.add(session);
      return;
    }
    deliver(subscription, read, page, null);
  }

  /**
   * Puts a page on the session's line, after {@code first} or, when something is missing, after a
   * gap notice.
   *
   * @param first already tells the client of anything missing; null: nothing was said yet
   * @return as {@link Session#onPage}
   */
  boolean deliver(Subscription subscription, int read, History page, @Nullable ServerEvent first) {
    if (!page.complete()) {
      metrics.gap();
    }
    ServerEvent notice =
        first == null && !page.complete()
            ? new ServerEvent.Gap(subscription.channel(), page.begin())
            : first;
    return subscription.session().onPage(subscription, read, page, notice);
  }

  /**
   * The page where a subscription with this cursor goes on; without one, where a fresh one begins.
   */
  CompletableFuture<History> page(Channel channel, @Nullable Position cursor) {
    if (cursor != null) {
      return broker.history(channel, cursor, PAGE);
    }
    // A user who was away is owed what nobody got for them; on other channels the past is for those
    // who were there.
    return channel instanceof Channel.User
        ? broker.undelivered(channel, PAGE)
        : broker.head(channel).thenApply(head -> new History(List.of(), head, head, true));
  }

  /** Announcements may have been lost on this subscription. */
  void suspect(Subscription subscription) {
    subscription.session().suspect(subscription);
    waiting.add(subscription.session());
  }

  /** Tries those again that could not be read, some at a time. */
  @SuppressWarnings("ModifyCollectionInEnhancedForLoop") // a concurrent set
  void tick() {
    int left = SESSIONS_A_TICK;
    for (Session session : waiting) {
      if (left-- == 0) {
        return;
      }
      waiting.remove(session);
      try {
        run(session);
      } catch (Throwable e) {
        session.fail("Reading a log", e);
      }
    }
  }

  void forget(Session session) {
    waiting.remove(session);
  }
}

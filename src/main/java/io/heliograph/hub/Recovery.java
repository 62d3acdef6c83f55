package io.heliograph.hub;

import io.heliograph.broker.Broker;
import io.heliograph.concurrent.Background;
import io.heliograph.message.Channel;
import io.heliograph.message.History;
import io.heliograph.message.Position;
import io.heliograph.session.CloseReason;
import io.heliograph.session.ServerEvent;
import io.heliograph.session.Session;
import io.heliograph.session.SessionListener;
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
 * Recovers missed messages: reads the channel's log from the subscription's cursor, one page at a
 * time, whenever the session's queue has room. Resume, gap repair and slow consumers all use this
 * path.
 */
final class Recovery implements SessionListener {

  private static final Logger log = LoggerFactory.getLogger(Recovery.class);

  /** Messages per page: about what a connection takes in one or two flushes. */
  static final int PAGE = 64;

  /**
   * Sessions read per tick. After an outage of the broker all sessions are behind, and this limits
   * the load on it.
   */
  private static final int SESSIONS_A_TICK = 500;

  private final Broker broker;
  private final SessionRegistry registry;
  private final HubMetrics metrics;

  /** Sessions whose log could not be read; retried at the next tick. */
  private final Set<Session> waiting = ConcurrentHashMap.newKeySet();

  Recovery(Broker broker, SessionRegistry registry, HubMetrics metrics) {
    this.broker = broker;
    this.registry = registry;
    this.metrics = metrics;
  }

  /**
   * Reads the log for each subscription of the session that is behind, if the session's queue has
   * room.
   */
  @Override
  public void onRoom(Session session) {
    for (Subscription subscription : session.subscriptions()) {
      int read = subscription.beginReading();
      if (read != 0) {
        // First the broker subscription, then the log: messages appended after the page must be
        // announced here.
        Background.onCompletion(
            Background.attempt(() -> registry.retry(subscription.channel(), broker::subscribe))
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
      log.debug("Cannot read a log; retrying", failure);
      subscription.onReadFailed(read);
      waiting.add(session);
      return;
    }
    deliver(subscription, read, page, null);
  }

  /**
   * Queues a page to the session, after {@code first} or, when messages are missing, after a gap
   * notice.
   *
   * @param first already reports any gap to the client; null: nothing was sent yet
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

  /** Queues a page for a client that knows already that messages before it are missing. */
  void deliverWithoutGap(Subscription subscription, int read, History page) {
    metrics.gap();
    var _ = subscription.session().onPage(subscription, read, page, null);
  }

  /**
   * Reads the page after a subscription's cursor; without a cursor, the page at which a new
   * subscription begins.
   */
  CompletableFuture<History> page(Channel channel, @Nullable Position cursor) {
    if (cursor != null) {
      return broker.history(channel, cursor, PAGE);
    }
    // A user gets the messages that no session of theirs has received; on other channels, a new
    // subscription starts at the end of the log.
    return channel instanceof Channel.User
        ? broker.undelivered(channel, PAGE)
        : broker.head(channel).thenApply(head -> new History(List.of(), head, head, true));
  }

  /** Marks a subscription on which announcements may have been lost. */
  void suspect(Subscription subscription) {
    subscription.suspect();
    waiting.add(subscription.session());
  }

  /** Retries reads that failed, a limited number at a time. */
  @SuppressWarnings("ModifyCollectionInEnhancedForLoop") // a concurrent set
  void tick() {
    int left = SESSIONS_A_TICK;
    for (Session session : waiting) {
      if (left-- == 0) {
        return;
      }
      waiting.remove(session);
      try {
        onRoom(session);
      } catch (Throwable e) {
        session.fail("Reading a log", e);
      }
    }
  }

  @Override
  public void onEnded(Session session, CloseReason reason) {
    waiting.remove(session);
  }
}

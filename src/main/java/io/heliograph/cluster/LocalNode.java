package io.heliograph.cluster;

import io.heliograph.broker.ClusterBus;
import io.heliograph.message.Channel;
import io.heliograph.session.CloseReason;
import io.heliograph.session.Session;
import io.heliograph.session.SessionRegistry;
import io.heliograph.session.Subscription;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Answers queries from this node's own sessions, and closes them on request. */
final class LocalNode {

  private static final Comparator<Session> BY_ID = Comparator.comparing(Session::id);

  static final int MAX_SESSIONS = 1_000;

  /** Leaves room for the rest of the reply's text. */
  private static final int MAX_TEXT_LENGTH = ClusterBus.MAX_TEXT / 2;

  private final SessionRegistry registry;
  private final Clock clock;

  LocalNode(SessionRegistry registry, Clock clock) {
    this.registry = registry;
    this.clock = clock;
  }

  boolean holds(String sessionId) {
    return registry.session(sessionId) != null;
  }

  /**
   * @param age lower bound of the time since the query was sent
   */
  ClusterReply answer(ClusterQuery question, Duration age) {
    return switch (question) {
      case ClusterQuery.Sessions sessions -> page(sessions);
      case ClusterQuery.OneSession one -> one(one.id());
      case ClusterQuery.SubscriberCount asked -> count(Channel.parse(asked.channel()));
      case ClusterQuery.CloseSession one -> closeOne(one.id());
      case ClusterQuery.CloseUser user -> closeAll(user.user(), clock.instant(), age);
    };
  }

  private ClusterReply.Sessions page(ClusterQuery.Sessions asked) {
    String user = asked.user();
    String after = asked.after();
    int limit = Math.clamp(asked.limit(), 1, MAX_SESSIONS);
    List<Session> page =
        smallest(
            candidates(asked)
                .filter(session -> user == null || user.equals(session.identity().user()))
                .filter(session -> after == null || session.id().compareTo(after) > 0),
            limit + 1);
    List<SessionInfo> shown = new ArrayList<>();
    int text = 0;
    for (Session session : page) {
      SessionInfo info = SessionInfo.of(session);
      text += info.textLength();
      if (shown.size() == limit || (!shown.isEmpty() && text > MAX_TEXT_LENGTH)) {
        break;
      }
      shown.add(info);
    }
    return new ClusterReply.Sessions(shown, shown.size() < page.size());
  }

  /** The smallest set of sessions that an index gives. */
  private Stream<Session> candidates(ClusterQuery.Sessions asked) {
    if (asked.channel() != null) {
      return sessionsOn(Channel.parse(asked.channel()));
    }
    return asked.user() == null
        ? registry.sessions().stream()
        : sessionsOn(new Channel.User(asked.user()));
  }

  private Stream<Session> sessionsOn(Channel channel) {
    return Arrays.stream(registry.subscribers(channel)).map(Subscription::session);
  }

  /** The {@code count} smallest by id, without sorting all sessions. */
  private static List<Session> smallest(Stream<Session> sessions, int count) {
    PriorityQueue<Session> largestFirst = new PriorityQueue<>(BY_ID.reversed());
    sessions.forEach(
        session -> {
          largestFirst.add(session);
          if (largestFirst.size() > count) {
            largestFirst.remove();
          }
        });
    return largestFirst.stream().sorted(BY_ID).toList();
  }

  private ClusterReply.Sessions one(String id) {
    Session session = registry.session(id);
    return new ClusterReply.Sessions(
        session == null ? List.of() : List.of(SessionInfo.of(session)), false);
  }

  private ClusterReply.SubscriberCount count(Channel channel) {
    Subscription[] subscribers = registry.subscribers(channel);
    Stream<@Nullable String> users =
        Arrays.stream(subscribers).map(each -> each.session().identity().user());
    return new ClusterReply.SubscriberCount(
        subscribers.length, UserSketch.of(users.filter(Objects::nonNull)));
  }

  private ClusterReply.Closed closeOne(String id) {
    Session session = registry.session(id);
    if (session == null) {
      return new ClusterReply.Closed(0);
    }
    session.close(CloseReason.POLICY);
    return new ClusterReply.Closed(1);
  }

  /**
   * Does not close sessions that connected after the query was sent, because the user may have
   * logged in again.
   */
  private ClusterReply.Closed closeAll(String user, Instant now, Duration age) {
    Instant asked = now.minus(age);
    List<Session> sessions =
        sessionsOn(new Channel.User(user))
            .filter(session -> user.equals(session.identity().user()))
            .filter(Session::isOpen)
            .filter(session -> !isBetween(session.connectedAt(), asked, now))
            .toList();
    sessions.forEach(session -> session.close(CloseReason.POLICY));
    return new ClusterReply.Closed(sessions.size());
  }

  /** A session that connected after now was opened before the clock was set back. */
  private static boolean isBetween(Instant connected, Instant asked, Instant now) {
    return connected.isAfter(asked) && !connected.isAfter(now);
  }
}

package io.heliograph.push;

import io.heliograph.hub.PushHub;
import io.heliograph.message.Channel;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import io.heliograph.security.RequiresScope;
import io.heliograph.security.Scope;
import io.heliograph.session.CloseReason;
import io.heliograph.session.Session;
import io.heliograph.session.Subscription;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Where a backend looks at sessions and ends them. */
@RestController
@RequiresScope(Scope.SESSIONS)
class SessionController {

  private static final Comparator<Session> BY_ID = Comparator.comparing(Session::id);

  private final PushHub hub;

  SessionController(PushHub hub) {
    this.hub = hub;
  }

  @GetMapping(path = "/v1/sessions", produces = "application/json")
  Answers.SessionPage list(
      @RequestParam(required = false) @Nullable String user,
      @RequestParam(required = false) @Nullable String channel,
      @RequestParam(required = false) @Nullable String cursor,
      @RequestParam(defaultValue = "100") int limit) {
    if (limit < 1 || limit > ChannelController.MAX_LIMIT) {
      throw ProblemException.invalid("limit", "is between 1 and " + ChannelController.MAX_LIMIT);
    }
    if (cursor != null && !Channel.RANDOM_ID.matcher(cursor).matches()) {
      throw ProblemException.invalid("cursor", "is what an earlier page called so");
    }
    String named = user;
    List<Session> page =
        smallest(
            candidates(user, channel)
                .filter(session -> named == null || named.equals(session.identity().user()))
                .filter(session -> cursor == null || session.id().compareTo(cursor) > 0),
            limit + 1);
    boolean more = page.size() > limit;
    List<Session> shown = more ? page.subList(0, limit) : page;
    return new Answers.SessionPage(
        shown.stream().map(SessionController::view).toList(), more ? shown.getLast().id() : null);
  }

  /** The narrowest set that there is an index for. */
  private Stream<Session> candidates(@Nullable String user, @Nullable String channel) {
    if (channel != null) {
      return followersOf(PushOrder.channel("channel", channel));
    }
    return user == null
        ? hub.registry().sessions().stream()
        : followersOf(PushOrder.channel("user", "user:" + user));
  }

  private Stream<Session> followersOf(Channel channel) {
    return Arrays.stream(hub.registry().followers(channel)).map(Subscription::session);
  }

  /** The first so many by id, without sorting a million sessions for a page. */
  private static List<Session> smallest(Stream<Session> sessions, int count) {
    PriorityQueue<Session> largestFirst = new PriorityQueue<>(BY_ID.reversed());
    sessions.forEach(
        session -> {
          largestFirst.add(session);
          if (largestFirst.size() > count) {
            largestFirst.remove();
          }
        });
    List<Session> sorted = new ArrayList<>(largestFirst);
    Collections.sort(sorted, BY_ID);
    return sorted;
  }

  @GetMapping(path = "/v1/sessions/{id}", produces = "application/json")
  Answers.SessionView look(@PathVariable String id) {
    return view(find(id));
  }

  @DeleteMapping("/v1/sessions/{id}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void close(@PathVariable String id) {
    hub.close(find(id), CloseReason.POLICY);
  }

  @DeleteMapping(path = "/v1/users/{id}/sessions", produces = "application/json")
  Answers.Closed closeUser(@PathVariable String id) {
    List<Session> sessions =
        followersOf(PushOrder.channel("id", "user:" + id))
            .filter(session -> id.equals(session.identity().user()))
            .filter(Session::isOpen)
            .toList();
    sessions.forEach(session -> hub.close(session, CloseReason.POLICY));
    return new Answers.Closed(sessions.size());
  }

  private Session find(String id) {
    Session session = hub.registry().session(id);
    if (session == null) {
      throw new ProblemException(ProblemType.NOT_FOUND, "no such session");
    }
    return session;
  }

  private static Answers.SessionView view(Session session) {
    return new Answers.SessionView(
        session.id(),
        session.identity().user(),
        session.transport().kind(),
        session.connectedAt(),
        session.identity().expires(),
        session.queuedBytes(),
        session.subscriptions().stream()
            .map(
                subscription ->
                    new Answers.Following(
                        subscription.channel().text(),
                        Answers.text(subscription.cursor()),
                        Answers.text(subscription.acknowledged())))
            .toList());
  }
}

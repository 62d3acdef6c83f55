package io.heliograph.api;

import io.heliograph.cluster.Cluster;
import io.heliograph.cluster.SessionInfo;
import io.heliograph.hub.NodeCoverage;
import io.heliograph.message.Channel;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import io.heliograph.publish.PublishRequest;
import io.heliograph.security.RequiresScope;
import io.heliograph.security.Scope;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Calls of backends that list, show and close sessions, on all nodes. */
@RestController
@RequiresScope(Scope.SESSIONS)
class SessionController {

  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final Cluster cluster;

  SessionController(Cluster cluster) {
    this.cluster = cluster;
  }

  @GetMapping(path = "/v1/sessions", produces = "application/json")
  PublishResponses.SessionPage list(
      @RequestParam(required = false) @Nullable String user,
      @RequestParam(required = false) @Nullable String channel,
      @RequestParam(required = false) @Nullable String cursor,
      @RequestParam(defaultValue = "100") int limit) {
    if (limit < 1 || limit > ChannelController.MAX_LIMIT) {
      throw ProblemException.invalid(
          "limit", "has to be between 1 and " + ChannelController.MAX_LIMIT);
    }
    if (cursor != null && !Channel.RANDOM_ID.matcher(cursor).matches()) {
      throw ProblemException.invalid("cursor", "has to be the cursor of an earlier page");
    }
    if (user != null) {
      PublishRequest.channel("user", "user:" + user);
    }
    Channel followed = channel == null ? null : PublishRequest.channel("channel", channel);
    Cluster.Page page =
        PublishResponses.await(cluster.sessions(new Cluster.Filter(user, followed), cursor, limit));
    return new PublishResponses.SessionPage(
        page.sessions(),
        page.cursor(),
        page.nodes().complete(),
        PublishResponses.Nodes.of(page.nodes()));
  }

  @GetMapping(path = "/v1/sessions/{id}", produces = "application/json")
  SessionInfo look(@PathVariable String id) {
    Cluster.Found found = PublishResponses.await(cluster.session(sessionId(id)));
    if (found.session() == null) {
      throw notFound(found.nodes());
    }
    return found.session();
  }

  @DeleteMapping("/v1/sessions/{id}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void close(@PathVariable String id) {
    Cluster.Closed closed = PublishResponses.await(cluster.closeSession(sessionId(id)));
    if (closed.sessions() == 0) {
      throw notFound(closed.nodes());
    }
  }

  @DeleteMapping(path = "/v1/users/{id}/sessions", produces = "application/json")
  PublishResponses.Closed closeUser(@PathVariable String id) {
    PublishRequest.channel("id", "user:" + id);
    Cluster.Closed closed = PublishResponses.await(cluster.closeUser(id));
    return new PublishResponses.Closed(
        closed.sessions(), closed.nodes().complete(), PublishResponses.Nodes.of(closed.nodes()));
  }

  /** An id of another form cannot exist on any node. */
  private static String sessionId(String id) {
    if (!Channel.RANDOM_ID.matcher(id).matches()) {
      throw notFound(new NodeCoverage(1, 1));
    }
    return id;
  }

  /** Not found only if every node answered. */
  private static ProblemException notFound(NodeCoverage nodes) {
    return nodes.complete()
        ? new ProblemException(
            ProblemType.NOT_FOUND, "There is no session with this id on any node.")
        : new ProblemException(
                ProblemType.UNAVAILABLE,
                "%d of %d nodes did not answer and may have the session; send the request again."
                    .formatted(nodes.asked() - nodes.answered(), nodes.asked()))
            .retryAfter(RETRY_AFTER);
  }
}

package io.heliograph.push;

import io.heliograph.cluster.Cluster;
import io.heliograph.hub.PushHub;
import io.heliograph.message.Channel;
import io.heliograph.message.History;
import io.heliograph.message.Position;
import io.heliograph.problem.ProblemException;
import io.heliograph.security.RequiresScope;
import io.heliograph.security.Scope;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Where a backend looks at a channel: who follows it, and what its log holds. */
@RestController
@RequiresScope(Scope.SESSIONS)
class ChannelController {

  static final int MAX_LIMIT = 1000;

  private final PushHub hub;
  private final Cluster cluster;

  ChannelController(PushHub hub, Cluster cluster) {
    this.hub = hub;
    this.cluster = cluster;
  }

  @GetMapping(path = "/v1/channels/{channel}", produces = "application/json")
  Answers.Presence presence(@PathVariable String channel) {
    Channel followed = PushOrder.channel("channel", channel);
    CompletableFuture<Position> head = hub.head(followed);
    Cluster.Presence presence = Answers.await(cluster.presence(followed));
    return new Answers.Presence(
        followed.text(),
        presence.sessions(),
        presence.users(),
        presence.exact(),
        Answers.await(head).text(),
        presence.nodes().complete(),
        Answers.Nodes.of(presence.nodes()));
  }

  @GetMapping(path = "/v1/channels/{channel}/messages", produces = "application/json")
  Answers.LogPage log(
      @PathVariable String channel,
      @RequestParam(required = false) @Nullable String since,
      @RequestParam(defaultValue = "100") int limit) {
    Channel read = PushOrder.channel("channel", channel);
    if (limit < 1 || limit > MAX_LIMIT) {
      throw ProblemException.invalid("limit", "is between 1 and " + MAX_LIMIT);
    }
    History page = Answers.await(hub.log(read, position(since), limit));
    return new Answers.LogPage(
        read.text(),
        page.messages().stream().map(Answers.Logged::of).toList(),
        page.through().text(),
        page.head().text(),
        page.complete());
  }

  private static @Nullable Position position(@Nullable String since) {
    try {
      return since == null ? null : Position.parse(since);
    } catch (IllegalArgumentException e) {
      throw ProblemException.invalid("since", String.valueOf(e.getMessage()));
    }
  }
}

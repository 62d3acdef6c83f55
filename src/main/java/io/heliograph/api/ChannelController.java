package io.heliograph.api;

import io.heliograph.broker.Broker;
import io.heliograph.cluster.Cluster;
import io.heliograph.message.Channel;
import io.heliograph.message.History;
import io.heliograph.message.Position;
import io.heliograph.problem.ProblemException;
import io.heliograph.publish.PublishRequest;
import io.heliograph.security.RequiresScope;
import io.heliograph.security.Scope;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Calls of backends about a channel: how many sessions and users are subscribed, and what its log
 * holds.
 */
@RestController
@RequiresScope(Scope.SESSIONS)
class ChannelController {

  static final int MAX_LIMIT = 1000;

  private final Broker broker;
  private final Cluster cluster;

  ChannelController(Broker broker, Cluster cluster) {
    this.broker = broker;
    this.cluster = cluster;
  }

  @GetMapping(path = "/v1/channels/{channel}", produces = "application/json")
  PublishResponses.Presence presence(@PathVariable String channel) {
    Channel followed = PublishRequest.channel("channel", channel);
    CompletableFuture<Position> head = broker.head(followed);
    Cluster.Presence presence = PublishResponses.await(cluster.presence(followed));
    return new PublishResponses.Presence(
        followed.text(),
        presence.sessions(),
        presence.users(),
        presence.exact(),
        PublishResponses.await(head).text(),
        presence.nodes().complete(),
        PublishResponses.Nodes.of(presence.nodes()));
  }

  @GetMapping(path = "/v1/channels/{channel}/messages", produces = "application/json")
  PublishResponses.LogPage log(
      @PathVariable String channel,
      @RequestParam(required = false) @Nullable String since,
      @RequestParam(defaultValue = "100") int limit) {
    Channel read = PublishRequest.channel("channel", channel);
    if (limit < 1 || limit > MAX_LIMIT) {
      throw ProblemException.invalid("limit", "has to be between 1 and " + MAX_LIMIT);
    }
    History page = PublishResponses.await(broker.history(read, position(since), limit));
    return new PublishResponses.LogPage(
        read.text(),
        page.messages().stream().map(PublishResponses.Logged::of).toList(),
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

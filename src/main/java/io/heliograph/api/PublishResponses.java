package io.heliograph.api;

import io.heliograph.broker.BrokerUnavailableException;
import io.heliograph.cluster.SessionInfo;
import io.heliograph.hub.PublishResult;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.Message;
import io.heliograph.message.Published;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.annotation.JsonSerialize;

/** The bodies of answers to backends. */
final class PublishResponses {

  private PublishResponses() {}

  /**
   * @param outcome {@code accepted}, {@code queued}, {@code delivered} or {@code acked}
   * @param sessions the sessions that it reached during the wait; absent without a wait
   * @param nodes the nodes with recipients; absent without a wait
   * @param expires from this time on it is not delivered, if the request has a ttl; never later
   *     than the log keeps it
   */
  record Pushed(
      String id,
      String channel,
      String position,
      String outcome,
      @Nullable Reached sessions,
      @Nullable Nodes nodes,
      @Nullable Instant expires) {

    static Pushed of(Channel channel, Draft draft, PublishResult result) {
      boolean waited = result.outcome() != PublishResult.Outcome.ACCEPTED;
      return new Pushed(
          result.published().id(),
          channel.text(),
          result.published().position().text(),
          result.outcome().name().toLowerCase(Locale.ROOT),
          waited ? new Reached(result.delivered(), result.acked()) : null,
          result.nodes() == null ? null : Nodes.of(result.nodes()),
          expiry(draft, result.published()));
    }
  }

  /** Null when the request has no ttl, or the message is an earlier one. */
  static @Nullable Instant expiry(Draft draft, Published published) {
    return published.repeated() ? null : draft.expires();
  }

  record Reached(int delivered, int acked) {}

  /** How many nodes were queried, and how many of them replied in time. */
  record Nodes(int asked, int answered) {
    static Nodes of(io.heliograph.hub.NodeCoverage nodes) {
      return new Nodes(nodes.asked(), nodes.answered());
    }
  }

  /**
   * The subscribers of a channel.
   *
   * @param exact false: the number of users is an estimate
   * @param complete false: nodes that did not reply may have more
   */
  record Presence(
      String channel,
      int sessions,
      int users,
      boolean exact,
      String position,
      boolean complete,
      Nodes nodes) {}

  /**
   * @param position the value of {@code since} for the next page
   * @param head the position of the newest message
   * @param complete false: messages after {@code since} are lost
   */
  record LogPage(
      String channel, List<Logged> messages, String position, String head, boolean complete) {}

  /**
   * @param from the user whose client published it; absent: published by a backend
   */
  record Logged(
      String id,
      String position,
      String event,
      @JsonSerialize(using = Verbatim.class) String data,
      Instant time,
      @Nullable Instant expires,
      @Nullable String key,
      @Nullable String from) {

    static Logged of(Message message) {
      return new Logged(
          message.id(),
          message.position().text(),
          message.event(),
          message.data(),
          message.time(),
          message.expires(),
          message.key(),
          message.from());
    }
  }

  /** Writes text that is JSON already. */
  static final class Verbatim extends ValueSerializer<String> {
    @Override
    public void serialize(String value, JsonGenerator json, SerializationContext context) {
      json.writeRawValue(value);
    }
  }

  /**
   * @param cursor the value of {@code cursor} for the next page; absent on the last page
   * @param complete false: sessions of nodes that did not reply are missing
   */
  record SessionPage(
      List<SessionInfo> sessions, @Nullable String cursor, boolean complete, Nodes nodes) {}

  /**
   * @param complete false: sessions on nodes that did not reply may still be open
   */
  record Closed(int closed, boolean complete, Nodes nodes) {}

  /** Blocks the request's virtual thread until completion; throws the future's own failure. */
  static <T> T await(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new BrokerUnavailableException("The broker did not answer", e.getCause());
    }
  }
}

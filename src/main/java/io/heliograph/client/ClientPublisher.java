package io.heliograph.client;

import io.heliograph.broker.BrokerUnavailableException;
import io.heliograph.hub.Publisher;
import io.heliograph.message.Draft;
import io.heliograph.message.Published;
import io.heliograph.message.Utf8;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import io.heliograph.publish.Drafts;
import io.heliograph.publish.PublishRequest;
import io.heliograph.session.Identity;
import io.heliograph.session.ServerEvent;
import io.heliograph.session.ServerEvent.Problem;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * Publishes what clients send: checks the right that the session's token gives, the session's rate
 * and the content, and appends the message with its sender. One for all sessions.
 */
@Component
final class ClientPublisher {

  /** A burst is so many seconds' publishes. */
  private static final int BURST_SECONDS = 2;

  private final Publisher publisher;
  private final Drafts drafts;
  private final ClientPublishProperties limits;
  private final ClientMetrics metrics;
  private final @Nullable PublishAuthorizer authorizer;

  ClientPublisher(
      Publisher publisher,
      Drafts drafts,
      ClientPublishProperties limits,
      ClientMetrics metrics,
      ObjectProvider<PublishAuthorizer> authorizer) {
    this.publisher = publisher;
    this.drafts = drafts;
    this.limits = limits;
    this.metrics = metrics;
    this.authorizer = authorizer.getIfAvailable();
  }

  /** What one session has sent lately. */
  static RequestRate rate(long nowNanos) {
    return new RequestRate(BURST_SECONDS, nowNanos);
  }

  /**
   * Publishes a message, or refuses it.
   *
   * @param session the id of the session
   * @param rate of the session
   * @return the answer; fails only for what is a fault of this service
   */
  CompletableFuture<ServerEvent> publish(
      String session,
      Identity identity,
      ClientRequest.Publish request,
      RequestRate rate,
      long nowNanos) {
    String user = identity.user();
    if (user == null || !identity.mayPublishTo(request.channel())) {
      return refused(
          request,
          ProblemType.FORBIDDEN,
          request.channel().text()
              + (user == null
                  ? ": anonymous sessions cannot publish"
                  : ": the claim publish of the session's token does not name this channel"));
    }
    long early = rate.nanosUntilAllowed(limits.perSecond(), nowNanos);
    if (early > 0) {
      metrics.refused(ProblemType.RATE_LIMITED);
      return completed(
          new ServerEvent.Refusal(
              request.id(),
              Problem.of(
                      ProblemType.RATE_LIMITED,
                      "A session publishes at most "
                          + limits.perSecond()
                          + " messages a second (heliograph.upstream.publish.per-second)")
                  .retryAfter(Duration.ofNanos(early))));
    }
    try {
      PublishRequest message = checked(request);
      String id = drafts.newId();
      PublishAuthorizer backend = authorizer;
      return backend == null
          ? append(request, drafts.ofClient(id, message, user))
          : backend
              .decide(
                  new PublishAuthorizer.Publication(
                      id, session, identity, request.channel(), message))
              .thenCompose(
                  decision ->
                      switch (decision) {
                        case PublishAuthorizer.Allowed(PublishRequest allowed) ->
                            append(request, drafts.ofClient(id, allowed, user));
                        case PublishAuthorizer.Refused(Problem problem) -> {
                          metrics.refused("backend");
                          yield completed(new ServerEvent.Refusal(request.id(), problem));
                        }
                      });
    } catch (ProblemException e) {
      return refused(request, e.type(), e.detail());
    }
  }

  private CompletableFuture<ServerEvent> append(ClientRequest.Publish request, Draft draft) {
    return publisher
        .publish(request.channel(), draft)
        .handle((published, failure) -> answer(request, published, failure));
  }

  private PublishRequest checked(ClientRequest.Publish request) {
    PublishRequest message =
        PublishRequest.ofClient(request.event(), request.data(), request.idempotencyKey());
    if (Utf8.length(message.data().text()) > limits.maxData().toBytes()) {
      throw new ProblemException(
          ProblemType.PAYLOAD_TOO_LARGE,
          "/data: has more than "
              + limits.maxData().toBytes()
              + " bytes (heliograph.upstream.publish.max-data)");
    }
    return message;
  }

  private ServerEvent answer(
      ClientRequest.Publish request, @Nullable Published published, @Nullable Throwable failure) {
    if (published != null) {
      return new ServerEvent.Published(
          request.id(), published.id(), published.position(), published.repeated());
    }
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof BrokerUnavailableException) {
      return refusal(
          request,
          ProblemType.BROKER_UNAVAILABLE,
          "The broker does not answer; send it again with the same idempotencyKey");
    }
    throw new CompletionException(cause);
  }

  private CompletableFuture<ServerEvent> refused(
      ClientRequest.Publish request, ProblemType type, String detail) {
    return completed(refusal(request, type, detail));
  }

  private ServerEvent refusal(ClientRequest.Publish request, ProblemType type, String detail) {
    metrics.refused(type);
    return new ServerEvent.Refusal(request.id(), Problem.of(type, detail));
  }

  private static CompletableFuture<ServerEvent> completed(ServerEvent answer) {
    return CompletableFuture.completedFuture(answer);
  }
}

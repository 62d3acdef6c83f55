package io.heliograph.client;

import io.heliograph.hub.ChannelRight;
import io.heliograph.message.Channel;
import io.heliograph.problem.ProblemType;
import io.heliograph.security.BrowserToken;
import io.heliograph.security.Verification;
import io.heliograph.session.Identity;
import io.heliograph.session.ServerEvent;
import io.heliograph.session.ServerEvent.Problem;
import io.heliograph.session.Session;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries out clients' requests about their session and its subscriptions: checks the right, acts,
 * and answers. One for all sessions.
 */
final class SessionRequests {

  private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

  /** A quarter of what a client may send may be tokens that are refused. */
  private static final int REFUSED_TOKENS_PER_SECOND = 4;

  private final ClientContext context;

  SessionRequests(ClientContext context) {
    this.context = context;
  }

  void unsubscribe(Session current, ClientRequest.Unsubscribe unsubscribe) {
    Channel channel = unsubscribe.channel();
    boolean own =
        channel.equals(current.channel())
            && !current.transport().encoding().codec().parksOwnChannels();
    if (!own && context.subscriptions().unsubscribe(current, channel)) {
      current.send(new ServerEvent.Unsubscribed(unsubscribe.id()));
    } else {
      String why =
          own ? ": the session's own channel cannot be unsubscribed" : ": there is no subscription";
      refuse(current, unsubscribe.id(), ProblemType.NOT_FOLLOWING, channel.text() + why);
    }
  }

  /** The client has handled everything up to a position. */
  void acknowledge(Session current, ClientRequest.Acknowledge ack) {
    if (!context.subscriptions().acknowledge(current, ack.channel(), ack.position())) {
      refuse(
          current,
          ack.id(),
          ProblemType.NOT_SENT,
          "No message of %s with position %s was sent to this session"
              .formatted(ack.channel().text(), ack.position().text()));
    }
  }

  /** Completes when the request was handed on, with what completes when it was answered. */
  CompletableFuture<CompletableFuture<Void>> subscribe(
      Session current, ClientRequest.Subscribe subscribe) {
    Channel channel = subscribe.channel();
    boolean byIdentity = context.subscriptions().isAllowed(current, channel);
    ChannelAuthorizer authorizer = context.authorizerOf(channel);
    if (byIdentity && (subscribe.token() == null || authorizer == null)) {
      return CompletableFuture.completedFuture(begin(current, subscribe, ChannelRight.OWN));
    }
    if (authorizer == null) {
      refuse(
          current,
          subscribe.id(),
          ProblemType.FORBIDDEN,
          channel.text() + ": is the channel of another session");
      return CompletableFuture.completedFuture(DONE);
    }
    return apart(
        current,
        () ->
            switch (authorizer.decide(channel, subscribe.token())) {
              case ChannelAuthorizer.Granted(ChannelRight right) ->
                  begin(current, subscribe, right);
              case ChannelAuthorizer.Refused _ when byIdentity ->
                  begin(current, subscribe, ChannelRight.OWN);
              case ChannelAuthorizer.Refused(Problem problem) -> {
                context.metrics().refused("forbidden");
                current.send(new ServerEvent.Refusal(subscribe.id(), problem));
                yield DONE;
              }
            },
        DONE);
  }

  private CompletableFuture<Void> begin(
      Session current, ClientRequest.Subscribe subscribe, ChannelRight right) {
    return context
        .subscriptions()
        .subscribe(current, subscribe.id(), subscribe.channel(), subscribe.since(), right);
  }

  /**
   * @param rate of the client's requests, which a refused token is charged to
   * @return completes when it was answered; never fails
   */
  CompletableFuture<Void> authenticate(
      Session current, ClientRequest.Authenticate request, RequestRate rate) {
    return apart(
            current,
            () -> {
              verify(current, request, rate);
              return DONE;
            },
            DONE)
        .thenCompose(Function.identity());
  }

  private void verify(Session current, ClientRequest.Authenticate request, RequestRate rate) {
    switch (context.tokens().verify(request.token())) {
      case Verification.Accepted(BrowserToken token) -> {
        Identity identity = Admission.identity(token);
        if (!context.hub().authenticate(current, request.id(), identity)) {
          refuse(
              current,
              request.id(),
              ProblemType.FORBIDDEN,
              "The token is of another user than the session; connect again with the token");
        }
      }
      case Verification.Refused(Verification.Reason reason) -> {
        context.metrics().refused("token");
        // Verifying costs more than reading a frame, and a loop of bad tokens is an attack or a
        // bug.
        int frames = context.maxFramesPerSecond();
        rate.charge(frames / REFUSED_TOKENS_PER_SECOND, frames, context.nanoTime());
        boolean notNow = reason.mayBeGoodLater();
        ProblemType type = notNow ? ProblemType.UNAVAILABLE : ProblemType.TOKEN_REFUSED;
        sendRefusal(
            current,
            request.id(),
            type,
            "The token " + (notNow ? "cannot be checked now: " : "was refused: ") + reason.text());
      }
    }
  }

  /** Runs what may block. */
  private <T> CompletableFuture<T> apart(Session current, Supplier<T> work, T failed) {
    return CompletableFuture.supplyAsync(work, context.blocking())
        .exceptionally(
            failure -> {
              current.fail("A client's request", failure);
              return failed;
            });
  }

  void refuse(Session current, @Nullable String id, ProblemType type, @Nullable String detail) {
    context.metrics().refused(type);
    sendRefusal(current, id, type, detail);
  }

  private static void sendRefusal(
      Session current, @Nullable String id, ProblemType type, @Nullable String detail) {
    current.send(new ServerEvent.Refusal(id, Problem.of(type, detail)));
  }
}

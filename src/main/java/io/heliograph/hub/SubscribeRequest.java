package io.heliograph.hub;

import io.heliograph.concurrent.Background;
import io.heliograph.message.Channel;
import io.heliograph.message.History;
import io.heliograph.message.Position;
import io.heliograph.problem.ProblemType;
import io.heliograph.session.ServerEvent;
import io.heliograph.session.ServerEvent.Problem;
import io.heliograph.session.Session;
import io.heliograph.session.Subscription;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A client's request to subscribe, and its answer: the first page of the log, and the channel's
 * state if it has one.
 *
 * @param id what the client calls the request; null: nothing
 * @param since the position from which the client resumes; null: from now, or unchanged when it is
 *     subscribed already
 */
record SubscribeRequest(
    Session session,
    @Nullable String id,
    Channel channel,
    @Nullable Position since,
    ChannelRight right) {

  private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

  /**
   * The maximum number of reads of a snapshot that newer states overtake; a login has few states.
   */
  private static final int SNAPSHOTS = 8;

  private static final Problem NO_BROKER =
      Problem.of(ProblemType.BROKER_UNAVAILABLE, "The broker does not answer; subscribe again");
  private static final Problem STATE_UNKNOWN =
      Problem.of(ProblemType.STORE_UNAVAILABLE, "The state cannot be read now; subscribe again");

  /** The same one later, from now. */
  SubscribeRequest fromNow() {
    return new SubscribeRequest(session, id, channel, null, right);
  }

  /**
   * Answers for a subscription that continues as it is.
   *
   * @return completes when the answer was sent
   */
  CompletableFuture<Void> answerUnchanged(Subscriptions subscriptions, Subscription subscription) {
    return sendState(
        subscriptions,
        state -> session.answer(subscription, now -> subscribed(subscription, now, true, state)),
        () -> refuse(STATE_UNKNOWN),
        SNAPSHOTS);
  }

  /**
   * Reads the first page and answers with it.
   *
   * @param ready completes when what is announced reaches the subscription
   * @param live it was before, and continues from where it was if this fails
   * @return completes when the answer was sent
   */
  CompletableFuture<Void> answerWithPage(
      Subscriptions subscriptions,
      Subscription subscription,
      CompletableFuture<Void> ready,
      int read,
      boolean live) {
    Recovery recovery = subscriptions.recovery();
    // A snapshot is newer than the log, and states must not go back.
    Position from = subscriptions.states().have(channel) ? null : since;
    return ready
        .thenCompose(_ -> recovery.page(channel, from))
        .handle(
            (page, failure) -> {
              if (failure != null) {
                giveUp(subscriptions, subscription, read, live, NO_BROKER);
                return DONE;
              }
              return sendState(
                  subscriptions,
                  state ->
                      recovery.deliver(
                          subscription, read, page, subscribed(subscription, page, state)),
                  () -> giveUp(subscriptions, subscription, read, live, STATE_UNKNOWN),
                  SNAPSHOTS);
            })
        .thenCompose(Function.identity());
  }

  private ServerEvent subscribed(Subscription subscription, History page, @Nullable String state) {
    Position begin = since != null && page.complete() ? since : page.begin();
    return subscribed(subscription, begin, page.complete(), state);
  }

  private ServerEvent subscribed(
      Subscription subscription, Position position, boolean recovered, @Nullable String state) {
    // Rights from the session's own identity end with the session's token, whose expiry the session
    // tracks.
    Instant end = Rights.byIdentity(session, channel) ? null : subscription.expires();
    return new ServerEvent.Subscribed(id, channel, position, recovered, end, state);
  }

  /**
   * Sends the answer with the state that belongs to it. If a newer state is sent while it is being
   * read, it is read again.
   *
   * @param send false: the client has a newer state
   * @return completes when the state was sent, or is known to be unavailable
   */
  private CompletableFuture<Void> sendState(
      Subscriptions subscriptions, Predicate<@Nullable String> send, Runnable unknown, int left) {
    return Background.attempt(right.state())
        .handle(
            (state, failure) -> {
              if (failure != null) {
                unknown.run();
                return DONE;
              }
              // Before the send, so that a client that receives the final state is no longer
              // subscribed.
              subscriptions.endIfFinal(session, channel, state);
              if (send.test(state)) {
                return DONE;
              }
              if (left > 1) {
                return sendState(subscriptions, send, unknown, left - 1);
              }
              // The state is no longer available: sending none is better than sending an outdated
              // one.
              var _ = send.test(null);
              return DONE;
            })
        .thenCompose(Function.identity());
  }

  private void giveUp(
      Subscriptions subscriptions,
      Subscription subscription,
      int read,
      boolean live,
      Problem problem) {
    if (live) {
      subscription.onReadFailed(read);
      subscriptions.recovery().suspect(subscription);
    } else {
      var _ = subscriptions.unsubscribe(session, channel);
    }
    refuse(problem);
  }

  void refuse(Problem problem) {
    session.send(new ServerEvent.Refusal(id, problem));
  }
}

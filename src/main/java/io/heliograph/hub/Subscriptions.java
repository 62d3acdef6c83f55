package io.heliograph.hub;

import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import io.heliograph.problem.ProblemType;
import io.heliograph.session.CloseReason;
import io.heliograph.session.ServerEvent.Problem;
import io.heliograph.session.Session;
import io.heliograph.session.SessionListener;
import io.heliograph.session.SessionRegistry;
import io.heliograph.session.Subscription;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Begins and ends subscriptions. A new subscription joins the node's registry, and with it the
 * broker's announcements, and gets its first page of the log. It ends when the client asks, when
 * its right expires, or when the channel has ended.
 *
 * <p>No method blocks; all are thread-safe.
 */
public final class Subscriptions {

  private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

  private final SessionRegistry registry;
  private final Memberships memberships;
  private final Recovery recovery;
  private final FirstPages firstPages;
  private final Rights rights;
  private final StatefulChannels states;
  private final HubMetrics metrics;
  private final SessionListener events;
  private final int maxPerSession;

  Subscriptions(
      SessionRegistry registry,
      Memberships memberships,
      Recovery recovery,
      FirstPages firstPages,
      Rights rights,
      StatefulChannels states,
      HubMetrics metrics,
      SessionListener events,
      int maxPerSession) {
    this.registry = registry;
    this.memberships = memberships;
    this.recovery = recovery;
    this.firstPages = firstPages;
    this.rights = rights;
    this.states = states;
    this.metrics = metrics;
    this.events = events;
    this.maxPerSession = maxPerSession;
  }

  Recovery recovery() {
    return recovery;
  }

  StatefulChannels states() {
    return states;
  }

  /** Whether the session's identity allows it to subscribe to this channel. */
  public boolean isAllowed(Session session, Channel channel) {
    return Rights.byIdentity(session, channel);
  }

  /**
   * Subscribes an authorized session to a channel and answers {@code subscribed}. If the session is
   * subscribed already, this extends the right: the later expiry counts.
   *
   * @param requestId what the client calls the request; null: nothing
   * @param since the position from which the client resumes; null: from now, or unchanged when it
   *     is subscribed already
   * @return done when the answer was sent; never fails
   */
  public CompletableFuture<Void> subscribe(
      Session session,
      @Nullable String requestId,
      Channel channel,
      @Nullable Position since,
      ChannelRight right) {
    return subscribe(new SubscribeRequest(session, requestId, channel, since, right));
  }

  private CompletableFuture<Void> subscribe(SubscribeRequest request) {
    Session session = request.session();
    Channel channel = request.channel();
    if (isFull(request)) {
      return DONE;
    }
    Session replaced = states.toReplace(session, channel, registry.subscribers(channel));
    if (replaced != null) {
      replaced.close(CloseReason.REPLACED);
    }
    Subscription fresh = session.subscribe(channel);
    Subscription subscription = fresh != null ? fresh : session.subscription(channel);
    if (subscription == null) {
      if (session.isOpen()) {
        // The right expired between the two checks.
        return subscribe(request);
      }
      return DONE;
    }
    CompletableFuture<Void> firstPage = fresh == null ? firstPages.of(subscription) : null;
    if (firstPage != null && request.since() == null && !states.have(channel)) {
      // The position is unknown before the first page, and a second page could begin later. The
      // answers of a channel with a state carry that instead.
      return firstPage
          .handle((_, _) -> subscribe(request.fromNow()))
          .thenCompose(Function.identity())
          .exceptionally(failure -> fail(session, failure));
    }
    if (!rights.extend(subscription, request.right().expires())) {
      return subscribe(request);
    }
    return answer(request, subscription, fresh != null)
        .whenComplete(
            (_, _) -> {
              if (fresh != null) {
                firstPages.onDone(fresh);
              }
            })
        .exceptionally(failure -> fail(session, failure));
  }

  /** Refuses a request for which the session has no room. */
  private boolean isFull(SubscribeRequest request) {
    Session session = request.session();
    boolean full =
        session.subscription(request.channel()) == null
            && session.subscriptions().size() >= maxPerSession;
    ChannelStates fullOf = full ? null : states.fullFor(session, request.channel());
    if (!full && fullOf == null) {
      return false;
    }
    metrics.noRoom();
    String most =
        fullOf == null ? maxPerSession + " channels" : fullOf.maxPerSession() + " " + fullOf.noun();
    request.refuse(
        Problem.of(ProblemType.TOO_MANY_SUBSCRIPTIONS, "A session may follow at most " + most));
    return true;
  }

  private CompletableFuture<Void> answer(
      SubscribeRequest request, Subscription subscription, boolean fresh) {
    if (fresh) {
      firstPages.onReading(subscription);
      return request.answerWithPage(this, subscription, memberships.join(subscription), 0, false);
    }
    boolean live = !subscription.isParked();
    if (live && request.since() == null && subscription.cursor() != null) {
      return request.answerUnchanged(this, subscription);
    }
    int read = subscription.restart();
    return request.answerWithPage(
        this, subscription, memberships.retry(request.channel()), read, live);
  }

  /** Closes the session if a step fails, so that no subscription is left incomplete. */
  private static @Nullable Void fail(Session session, Throwable failure) {
    session.fail("Subscribing to a channel", failure);
    return null;
  }

  /** Ends or parks a subscription; false when there was none. */
  public boolean unsubscribe(Session session, Channel channel) {
    if (OwnChannels.staysParked(session, channel)) {
      Subscription subscription = session.subscription(channel);
      return subscription != null && subscription.park();
    }
    Subscription ended = session.unsubscribe(channel);
    if (ended == null) {
      return false;
    }
    memberships.leave(ended);
    return true;
  }

  /** Completes when the first pages of the subscriptions that the session has now were sent. */
  public CompletableFuture<Void> started(Session session) {
    return firstPages.of(session);
  }

  /**
   * Handles the acknowledgement of all messages up to a position; false when the session was not
   * sent that position.
   */
  public boolean acknowledge(Session session, Channel channel, Position position) {
    Subscription subscription = session.subscription(channel);
    if (subscription == null || !session.acknowledge(subscription, position)) {
      return false;
    }
    events.onAcknowledged(subscription, position);
    return true;
  }

  // States ----------------------------------------------------------------------------------------

  /**
   * Delivers a channel's state, as just read, to the sessions on this node that have an older one:
   * the message was lost, or the broker is unavailable.
   *
   * @return the number of sessions that got it
   */
  public int deliverState(Channel channel, Draft state) {
    int sent = 0;
    for (Subscription subscription : registry.subscribers(channel)) {
      sent += subscription.session().deliverState(subscription, state) ? 1 : 0;
    }
    return sent;
  }

  /** Ends subscriptions whose session was sent the final state. */
  SessionListener endings() {
    return new SessionListener() {
      @Override
      public void onWritten(Session session, Message message, boolean live) {
        endIfFinal(session, message.channel(), message.data());
      }
    };
  }

  /** Ends the subscription of a session that gets the final state. */
  void endIfFinal(Session session, Channel channel, @Nullable String state) {
    if (states.isFinal(channel, state)) {
      var _ = unsubscribe(session, channel);
    }
  }
}

package io.heliograph.hub;

import io.heliograph.message.Channel;
import io.heliograph.problem.ProblemType;
import io.heliograph.session.CloseReason;
import io.heliograph.session.Identity;
import io.heliograph.session.ServerEvent;
import io.heliograph.session.ServerEvent.Problem;
import io.heliograph.session.Session;
import io.heliograph.session.SessionListener;
import io.heliograph.session.Subscription;
import java.time.Clock;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The rights of sessions and subscriptions, and their ends. A session closes when its token
 * expires. A subscription that rests on a token of its own ends with that, unless the session's
 * identity names the channel.
 */
final class Rights implements SessionListener {

  private final Clock clock;
  private final Memberships memberships;
  private final ExpiryIndex expiries = new ExpiryIndex();

  Rights(Clock clock, Memberships memberships) {
    this.clock = clock;
    this.memberships = memberships;
  }

  /** Whether the session's identity allows it to subscribe to this channel. */
  static boolean byIdentity(Session session, Channel channel) {
    return switch (channel) {
      case Channel.Everyone _ -> true;
      case Channel.OneSession own -> own.id().equals(session.id());
      case Channel.User _, Channel.Topic _ -> session.identity().names(channel);
      case Channel.Login _ -> false;
    };
  }

  /**
   * Extends the right of a subscription: the later expiry counts.
   *
   * @param end null: the right ends with the session
   * @return false when the subscription has ended
   */
  boolean extend(Subscription subscription, @Nullable Instant end) {
    return renew(subscription, later(subscription.expires(), end));
  }

  private boolean renew(Subscription subscription, @Nullable Instant end) {
    Session session = subscription.session();
    Instant before = subscription.expires();
    if (!subscription.renew(end)) {
      return false;
    }
    if (before != null && !before.equals(end)) {
      expiries.remove(session, before);
    }
    expectEnds(session);
    return true;
  }

  private static @Nullable Instant later(@Nullable Instant one, @Nullable Instant other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return one.isAfter(other) ? one : other;
  }

  /**
   * Adapts subscriptions to a renewed identity. Those that only the old token allows continue until
   * that token's expiry.
   */
  @Override
  public void onIdentityChanged(Session session, Identity before) {
    Instant end = before.expires();
    if (end != null) {
      expiries.remove(session, end);
    }
    for (Subscription subscription : session.subscriptions()) {
      Channel channel = subscription.channel();
      if (before.names(channel) && !session.identity().names(channel)) {
        var _ = extend(subscription, end);
      }
    }
    expectEnds(session);
  }

  @Override
  public void onConnected(Session session) {
    expectEnds(session);
  }

  /**
   * Notes when rights of the session end. The index has one entry per session and second: removing
   * one right must keep the entry for the others.
   */
  private void expectEnds(Session session) {
    Instant end = session.identity().expires();
    if (end != null) {
      expiries.add(session, end);
      if (session.hasEnded()) {
        // The session ended meanwhile, and its removal may have run before this entry was added.
        expiries.remove(session, end);
      }
    }
    for (Subscription subscription : session.subscriptions()) {
      Instant right = subscription.expires();
      if (right != null) {
        expiries.add(session, right);
      }
    }
  }

  @Override
  public void onUnsubscribed(Subscription subscription) {
    Instant end = subscription.expires();
    if (end != null) {
      // Otherwise the index would keep a closed session until its tokens expire.
      expiries.remove(subscription.session(), end);
      expectEnds(subscription.session());
    }
  }

  @Override
  public void onEnded(Session session, CloseReason reason) {
    Instant end = session.identity().expires();
    if (end != null) {
      expiries.remove(session, end);
    }
  }

  void tick() {
    expiries.tick(clock.instant(), this::end);
  }

  private void end(Session session) {
    Instant now = clock.instant();
    Instant end = session.identity().expires();
    if (end != null && !now.isBefore(end)) {
      session.close(CloseReason.TOKEN);
      return;
    }
    for (Subscription subscription : session.subscriptions()) {
      Channel channel = subscription.channel();
      Instant right = subscription.expires();
      if (right == null || now.isBefore(right)) {
        continue;
      }
      if (byIdentity(session, channel)) {
        // The token for this subscription has expired, but the session's own token names the
        // channel.
        var _ = renew(subscription, null);
      } else if (session.unsubscribeExpired(subscription, now)) {
        memberships.leave(subscription);
        session.send(
            new ServerEvent.Refusal(
                null,
                channel,
                Problem.of(
                    ProblemType.SUBSCRIPTION_EXPIRED,
                    channel.text() + ": the token has expired; subscribe again with a new one")));
      }
    }
  }
}

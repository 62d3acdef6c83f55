package io.heliograph.hub;

import io.heliograph.broker.Broker;
import io.heliograph.message.Channel;
import io.heliograph.message.History;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import io.heliograph.session.CloseReason;
import io.heliograph.session.Identity;
import io.heliograph.session.ServerEvent;
import io.heliograph.session.ServerEvent.Problem;
import io.heliograph.session.Session;
import io.heliograph.session.SessionProperties;
import io.heliograph.session.SessionRegistry;
import io.heliograph.session.Subscription;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where a session begins to follow a channel and where it ends: it joins the node's registry and
 * with it the broker's announcements, gets its first page of the log, and leaves when it asks to,
 * when its right ends or when nothing can come any more.
 */
final class Subscriptions {

  /** A state can be overtaken as often as there are states, and a login has few. */
  private static final int SNAPSHOTS = 8;

  private static final Problem NO_BROKER =
      Problem.of("broker-unavailable", "The broker cannot be reached", 503, "ask again");
  private static final Problem STATE_UNKNOWN =
      Problem.of("store-unavailable", "The state cannot be read", 503, "ask again");

  private final Broker broker;
  private final SessionRegistry registry;
  private final Recovery catchUp;
  private final SessionProperties properties;
  private final Clock clock;
  private final HubMetrics metrics;
  private final ExpiryIndex expiries = new ExpiryIndex();
  private final LoginFollowers logins;

  Subscriptions(
      Broker broker,
      SessionRegistry registry,
      Recovery catchUp,
      LoginFollowers logins,
      SessionProperties properties,
      Clock clock,
      HubMetrics metrics) {
    this.broker = broker;
    this.registry = registry;
    this.catchUp = catchUp;
    this.logins = logins;
    this.properties = properties;
    this.clock = clock;
    this.metrics = metrics;
  }

  // Its own channels ------------------------------------------------------------------------------

  private record Start(Subscription subscription, CompletableFuture<History> page) {}

  /** Positions go into the greeting, so it waits for them; messages wait for the greeting. */
  void followOwn(
      Session session, List<Channel> own, Function<Map<Channel, Position>, ServerEvent> greeting) {
    List<Start> starts = new ArrayList<>(own.size());
    for (Channel channel : own) {
      Subscription subscription = session.follow(channel);
      if (subscription != null) {
        starts.add(
            new Start(
                subscription, join(subscription).thenCompose(_ -> catchUp.page(channel, null))));
      }
    }
    CompletableFuture.allOf(starts.stream().map(Start::page).toArray(CompletableFuture<?>[]::new))
        .whenComplete(
            (_, _) -> {
              session.send(greeting.apply(positions(starts)));
              for (Start start : starts) {
                if (start.page().isCompletedExceptionally()) {
                  // The broker is away: the line stays, and what it is owed is read later.
                  session.readingFailed(start.subscription(), 0);
                  catchUp.suspect(start.subscription());
                } else {
                  catchUp.deliver(start.subscription(), 0, start.page().join(), null);
                }
              }
            });
  }

  private static Map<Channel, Position> positions(List<Start> starts) {
    Map<Channel, Position> positions = new LinkedHashMap<>();
    for (Start start : starts) {
      boolean comesBackElsewhere = start.subscription().channel() instanceof Channel.OneSession;
      if (!start.page().isCompletedExceptionally() && !comesBackElsewhere) {
        positions.put(start.subscription().channel(), start.page().join().begin());
      }
    }
    return positions;
  }

  // What it asks for ------------------------------------------------------------------------------

  /** Whether the session may follow this channel by what it is. */
  static boolean mayFollow(Session session, Channel channel) {
    Identity identity = session.identity();
    return switch (channel) {
      case Channel.Everyone _ -> true;
      case Channel.OneSession own -> own.id().equals(session.id());
      case Channel.User user ->
          user.id().equals(identity.user()) || identity.channels().contains(channel);
      case Channel.Topic _ -> identity.channels().contains(channel);
      case Channel.Login _ -> false;
    };
  }

  /**
   * Follows a channel that the session was found to be allowed to, and answers {@code subscribed}.
   *
   * @param since where the client wants to go on; null: from now, or where it is when it follows
   *     already
   */
  void subscribe(
      Session session,
      String requestId,
      Channel channel,
      @Nullable Position since,
      ChannelAuthorizer.Granted granted) {
    boolean full =
        session.subscription(channel) == null
            && session.subscriptions().size() >= properties.maxSubscriptions();
    if (full || !LoginFollowers.hasRoomFor(session, channel)) {
      metrics.noRoom();
      int most = full ? properties.maxSubscriptions() : LoginFollowers.MAX_LOGINS_PER_SESSION;
      session.send(
          new ServerEvent.Refusal(
              requestId,
              Problem.of(
                  "too-many-subscriptions",
                  "Too many subscriptions",
                  429,
                  "a session follows at most " + most + (full ? " channels" : " logins"))));
      return;
    }
    if (channel instanceof Channel.Login) {
      Session oldest = LoginFollowers.supernumerary(session, registry.followers(channel));
      if (oldest != null) {
        Hub.closeSoon(oldest, CloseReason.REPLACED);
      }
    }
    Subscription fresh = session.follow(channel);
    Subscription subscription = fresh != null ? fresh : session.subscription(channel);
    if (subscription == null) {
      return;
    }
    expire(subscription, granted.expires());
    Position now = subscription.cursor();
    if (fresh == null && since == null && now != null) {
      tellState(
          subscription,
          granted,
          state -> session.answer(new ServerEvent.Subscribed(requestId, channel, now, true, state)),
          () -> session.send(refusal(requestId, STATE_UNKNOWN)));
      return;
    }
    int read = fresh != null ? 0 : session.restart(subscription);
    CompletableFuture<Void> ready =
        fresh != null ? join(fresh) : CompletableFuture.completedFuture(null);
    ready
        // A login's snapshot is newer than what its log holds, and states must not go back.
        .thenCompose(_ -> catchUp.page(channel, channel instanceof Channel.Login ? null : since))
        .whenComplete(
            (page, failure) -> {
              if (failure != null) {
                refuseForNow(subscription, read, fresh != null, refusal(requestId, NO_BROKER));
                return;
              }
              Position begin = since != null && page.complete() ? since : page.begin();
              tellState(
                  subscription,
                  granted,
                  state ->
                      catchUp.deliver(
                          subscription,
                          read,
                          page,
                          new ServerEvent.Subscribed(
                              requestId, channel, begin, page.complete(), state)),
                  () ->
                      refuseForNow(
                          subscription, read, fresh != null, refusal(requestId, STATE_UNKNOWN)));
            });
  }

  /**
   * Tells the snapshot that belongs to an answer. It takes its time, and a newer state may be told
   * meanwhile: then it is read again.
   *
   * @param tell false: the client knows a newer one
   */
  private void tellState(
      Subscription subscription,
      ChannelAuthorizer.Granted granted,
      Predicate<@Nullable String> tell,
      Runnable unknown) {
    tellState(subscription, granted, tell, unknown, SNAPSHOTS);
  }

  private void tellState(
      Subscription subscription,
      ChannelAuthorizer.Granted granted,
      Predicate<@Nullable String> tell,
      Runnable unknown,
      int left) {
    granted
        .state()
        .get()
        .whenComplete(
            (state, failure) -> {
              if (failure != null) {
                unknown.run();
                return;
              }
              // Before it is told: whoever hears the last one finds that following has ended.
              endAfter(subscription.session(), subscription.channel(), state);
              if (tell.test(state)) {
                return;
              }
              if (left > 1) {
                tellState(subscription, granted, tell, unknown, left - 1);
              } else {
                // Whoever holds the state has forgotten what it said: better none than an old one.
                var _ = tell.test(null);
              }
            });
  }

  private void endAfter(Session session, Channel channel, @Nullable String state) {
    if (logins.endsWith(channel, state)) {
      unfollow(session, channel);
    }
  }

  private void refuseForNow(
      Subscription subscription, int read, boolean fresh, ServerEvent refusal) {
    Session session = subscription.session();
    if (fresh) {
      unfollow(session, subscription.channel());
    } else {
      session.readingFailed(subscription, read);
      catchUp.suspect(subscription);
    }
    session.send(refusal);
  }

  private static ServerEvent refusal(String requestId, Problem problem) {
    return new ServerEvent.Refusal(requestId, problem);
  }

  /** False when it did not follow the channel. */
  boolean unfollow(Session session, Channel channel) {
    Subscription gone = session.unfollow(channel);
    if (gone == null) {
      return false;
    }
    // Or a session that has gone would be remembered until its tokens' end.
    expire(gone, null);
    leave(gone);
    return true;
  }

  /** A message has gone out on the session's line. */
  void onWritten(Session session, Message message) {
    endAfter(session, message.channel(), message.data());
  }

  /** The session has gone: so has all that it followed. */
  void forget(Session session, List<Subscription> followed) {
    for (Subscription subscription : followed) {
      expire(subscription, null);
      leave(subscription);
    }
    Instant end = session.identity().expires();
    if (end != null) {
      expiries.remove(session, end);
    }
  }

  private CompletableFuture<Void> join(Subscription subscription) {
    CompletableFuture<Void> ready = registry.join(subscription, this::first);
    metrics.subscribed(subscription.channel(), 1);
    if (subscription.session().hasEnded()) {
      // It went while it joined; its leaving may have come first and found nothing.
      leave(subscription);
    }
    return ready;
  }

  private CompletableFuture<Void> first(Channel channel) {
    logins.followed(channel);
    return broker.subscribe(channel);
  }

  private void last(Channel channel) {
    logins.left(channel);
    broker.unsubscribe(channel);
  }

  private void leave(Subscription subscription) {
    if (registry.leave(subscription, this::last)) {
      metrics.subscribed(subscription.channel(), -1);
    }
  }

  // Ends of rights --------------------------------------------------------------------------------

  /** Its identity was renewed. */
  void rightsChanged(Session session, Identity before) {
    if (before.expires() != null) {
      expiries.remove(session, before.expires());
    }
    expectEnds(session);
  }

  void tick() {
    expiries.tick(clock.instant(), this::endRights);
  }

  private void expire(Subscription subscription, @Nullable Instant end) {
    Session session = subscription.session();
    Instant before = subscription.expires();
    if (before != null) {
      expiries.remove(session, before);
    }
    subscription.expires(end);
    expectEnds(session);
  }

  /**
   * A session stands once in a second, whatever ends in it: taking one right's end out must leave
   * the others' in.
   */
  void expectEnds(Session session) {
    Instant end = session.identity().expires();
    if (end != null) {
      expiries.add(session, end);
    }
    for (Subscription subscription : session.subscriptions()) {
      Instant right = subscription.expires();
      if (right != null) {
        expiries.add(session, right);
      }
    }
  }

  private void endRights(Session session) {
    Instant now = clock.instant();
    Instant end = session.identity().expires();
    if (end != null && !now.isBefore(end)) {
      Hub.closeSoon(session, CloseReason.TOKEN);
      return;
    }
    for (Subscription subscription : session.subscriptions()) {
      Instant right = subscription.expires();
      if (right != null && !now.isBefore(right) && unfollow(session, subscription.channel())) {
        session.send(
            new ServerEvent.Refusal(
                null,
                Problem.of(
                    "subscription-expired",
                    "The right to follow has ended",
                    401,
                    subscription.channel().text())));
      }
    }
  }
}

package io.heliograph.hub;

import io.heliograph.broker.Broker;
import io.heliograph.concurrent.Background;
import io.heliograph.message.Channel;
import io.heliograph.message.History;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import io.heliograph.problem.ProblemType;
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
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Begins and ends subscriptions. A new subscription joins the node's registry, and with it the
 * broker's announcements, and gets its first page of the log. It ends when the client asks, when
 * its right expires, or when the channel has ended.
 */
final class Subscriptions {

  private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

  /**
   * The maximum number of reads of a snapshot that newer states overtake; a login has few states.
   */
  private static final int SNAPSHOTS = 8;

  private static final Problem NO_BROKER =
      Problem.of(ProblemType.BROKER_UNAVAILABLE, "The broker does not answer; subscribe again");
  private static final Problem STATE_UNKNOWN =
      Problem.of(ProblemType.STORE_UNAVAILABLE, "The state cannot be read now; subscribe again");

  private final Broker broker;
  private final SessionRegistry registry;
  private final Recovery recovery;
  private final SessionProperties properties;
  private final Clock clock;
  private final HubMetrics metrics;
  private final ExpiryIndex expiries = new ExpiryIndex();

  /**
   * Subscriptions whose first page is being read. Each future completes and is removed once the
   * page was sent.
   */
  private final ConcurrentHashMap<Subscription, CompletableFuture<Void>> starting =
      new ConcurrentHashMap<>();

  private final LoginSubscriptions logins;

  Subscriptions(
      Broker broker,
      SessionRegistry registry,
      Recovery recovery,
      LoginSubscriptions logins,
      SessionProperties properties,
      Clock clock,
      HubMetrics metrics) {
    this.broker = broker;
    this.registry = registry;
    this.recovery = recovery;
    this.logins = logins;
    this.properties = properties;
    this.clock = clock;
    this.metrics = metrics;
  }

  // Own channels ----------------------------------------------------------------------------------

  /**
   * A subscription that begins with its session.
   *
   * @param since null: as for a new session
   * @param lost the client is known to have missed messages
   */
  private record Start(
      Subscription subscription,
      @Nullable Position since,
      boolean lost,
      CompletableFuture<History> page) {

    Channel channel() {
      return subscription.channel();
    }

    private @Nullable History read() {
      return page.isCompletedExceptionally() ? null : page.join();
    }

    /** Where it begins; null while the broker does not answer, unless the client said it. */
    @Nullable Position begin() {
      History read = read();
      return read == null || (since != null && read.complete()) ? since : read.begin();
    }

    /** Whether the greeting says that messages are missing. */
    boolean isLost() {
      History read = read();
      return lost || (since != null && read != null && !read.complete());
    }
  }

  /**
   * Where the first subscriptions of a session, or those that a login adds, begin. The session's
   * own channel is left out, since a client comes back as another session.
   */
  record Beginning(Map<Channel, Position> positions, List<Channel> channels, List<Channel> lost) {}

  /**
   * Subscribes a session to channels of its own. The greeting contains their positions, so it is
   * sent after they are known, and messages are sent after the greeting.
   *
   * @param from where the channels begin; says nothing about further ones
   */
  void followOwn(
      Session session,
      List<Channel> own,
      SessionStart from,
      Function<Beginning, ServerEvent> greeting) {
    if (session.transport().encoding().codec().parksOwnChannels()) {
      parkOwn(session, own);
      session.send(greeting.apply(new Beginning(Map.of(), List.of(), List.of())));
      return;
    }
    List<Start> starts = new ArrayList<>(own.size());
    for (Channel channel : own) {
      Subscription subscription = session.subscribe(channel);
      if (subscription != null) {
        Position since = from.since().get(channel);
        starts.add(
            new Start(
                subscription,
                since,
                from.lost().contains(channel),
                join(subscription).thenCompose(_ -> recovery.page(channel, since))));
      }
    }
    CompletableFuture<Void> pages =
        CompletableFuture.allOf(
            starts.stream().map(Start::page).toArray(CompletableFuture<?>[]::new));
    if (pages.isDone()) {
      greet(session, starts, greeting);
      return;
    }
    starts.forEach(start -> starting.put(start.subscription(), new CompletableFuture<>()));
    then(
        session,
        pages,
        (_, _) -> {
          try {
            greet(session, starts, greeting);
          } finally {
            starts.forEach(start -> started(start.subscription()));
          }
        });
  }

  /** Done when the first pages of all subscriptions that began so far were delivered. */
  CompletableFuture<Void> started(Session session) {
    return CompletableFuture.allOf(
        session.subscriptions().stream()
            .map(starting::get)
            .filter(Objects::nonNull)
            .toArray(CompletableFuture<?>[]::new));
  }

  /**
   * Registers a session for its own channels and sends nothing of them before it subscribes. The
   * log need not be read for that, so the greeting waits for no broker.
   */
  private void parkOwn(Session session, List<Channel> own) {
    for (Channel channel : own) {
      Subscription subscription = session.subscribe(channel);
      if (subscription != null) {
        subscription.park();
        // A broker that does not answer is asked again when the client subscribes.
        Background.onFailure("Registering a channel", join(subscription), _ -> {});
      }
    }
  }

  private static boolean staysParked(Session session, Channel channel) {
    return session.transport().encoding().codec().parksOwnChannels()
        && switch (channel) {
          case Channel.Everyone _ -> true;
          case Channel.OneSession own -> own.id().equals(session.id());
          case Channel.User user -> user.id().equals(session.identity().user());
          case Channel.Topic _, Channel.Login _ -> false;
        };
  }

  /** Closes the session if a step fails, so that no subscription is left incomplete. */
  private static <T> void then(
      Session session,
      CompletableFuture<T> future,
      BiConsumer<@Nullable T, @Nullable Throwable> continuation) {
    Background.onCompletion(
        future, continuation, failure -> session.fail("Following a channel", failure));
  }

  private void greet(
      Session session, List<Start> starts, Function<Beginning, ServerEvent> greeting) {
    for (Start start : starts) {
      Position begin = start.begin();
      if (begin != null) {
        start.subscription().startsAfter(begin);
      }
    }
    session.send(greeting.apply(beginning(starts)));
    for (Start start : starts) {
      History page = start.read();
      if (page == null) {
        // The broker is unavailable: the session stays open and recovers later.
        start.subscription().onReadFailed(0);
        recovery.suspect(start.subscription());
      } else if (start.isLost()) {
        recovery.deliverTold(start.subscription(), 0, page);
      } else {
        recovery.deliver(start.subscription(), 0, page, null);
      }
    }
  }

  private void started(Subscription subscription) {
    CompletableFuture<Void> start = starting.remove(subscription);
    if (start != null) {
      start.complete(null);
    }
  }

  private static Beginning beginning(List<Start> starts) {
    Map<Channel, Position> positions = new LinkedHashMap<>();
    List<Channel> channels = new ArrayList<>(starts.size());
    List<Channel> lost = new ArrayList<>(0);
    for (Start start : starts) {
      if (start.channel() instanceof Channel.OneSession) {
        continue;
      }
      channels.add(start.channel());
      Position begin = start.begin();
      if (begin != null) {
        positions.put(start.channel(), begin);
      }
      if (start.isLost()) {
        lost.add(start.channel());
      }
    }
    return new Beginning(positions, channels, lost);
  }

  // Requested channels ----------------------------------------------------------------------------

  /** Whether the session's identity allows it to subscribe to this channel. */
  static boolean mayFollow(Session session, Channel channel) {
    return switch (channel) {
      case Channel.Everyone _ -> true;
      case Channel.OneSession own -> own.id().equals(session.id());
      case Channel.User _, Channel.Topic _ -> session.identity().names(channel);
      case Channel.Login _ -> false;
    };
  }

  /**
   * Subscribes an authorized session to a channel and answers {@code subscribed}. If the session is
   * subscribed already, this extends the right: the later expiry counts.
   *
   * @param since the position from which the client resumes; null: from now, or unchanged when it
   *     is subscribed already
   */
  void subscribe(
      Session session,
      @Nullable String requestId,
      Channel channel,
      @Nullable Position since,
      ChannelRight right) {
    boolean full =
        session.subscription(channel) == null
            && session.subscriptions().size() >= properties.maxSubscriptions();
    if (full || !LoginSubscriptions.hasRoomFor(session, channel)) {
      metrics.noRoom();
      int most = full ? properties.maxSubscriptions() : LoginSubscriptions.MAX_LOGINS_PER_SESSION;
      session.send(
          new ServerEvent.Refusal(
              requestId,
              Problem.of(
                  ProblemType.TOO_MANY_SUBSCRIPTIONS,
                  "A session may follow at most " + most + (full ? " channels" : " logins"))));
      return;
    }
    if (channel instanceof Channel.Login) {
      Session oldest = LoginSubscriptions.toDisplaceFor(session, registry.subscribers(channel));
      if (oldest != null) {
        Hub.closeSoon(oldest, CloseReason.REPLACED);
      }
    }
    Subscription fresh = session.subscribe(channel);
    Subscription subscription = fresh != null ? fresh : session.subscription(channel);
    if (subscription == null) {
      if (session.isOpen()) {
        // The right expired between the two checks.
        subscribe(session, requestId, channel, since, right);
      }
      return;
    }
    CompletableFuture<Void> start = fresh == null ? starting.get(subscription) : null;
    if (start != null && since == null && !(channel instanceof Channel.Login)) {
      // The position is unknown before the first page, and a second page could begin later. A
      // login's answers carry its state instead.
      then(session, start, (_, _) -> subscribe(session, requestId, channel, null, right));
      return;
    }
    if (!expire(subscription, later(subscription.expires(), right.expires()))) {
      subscribe(session, requestId, channel, since, right);
      return;
    }
    CompletableFuture<Void> answered;
    boolean parked = subscription.isParked();
    if (fresh == null && since == null && !parked && subscription.cursor() != null) {
      answered =
          sendState(
              subscription,
              right,
              state ->
                  session.answer(
                      subscription, now -> subscribed(requestId, subscription, now, true, state)),
              () -> session.send(refusal(requestId, STATE_UNKNOWN)),
              SNAPSHOTS);
    } else {
      if (fresh != null) {
        starting.put(fresh, new CompletableFuture<>());
      }
      boolean live = fresh == null && !parked;
      answered = begin(subscription, requestId, since, right, fresh != null, live);
    }
    then(
        session,
        answered,
        (_, failure) -> {
          if (fresh != null) {
            started(fresh);
          }
          if (failure != null) {
            session.fail("Following a channel", failure);
          }
        });
  }

  /**
   * Reads the first page and answers with it.
   *
   * @param live it was before, and goes on from where it was if that fails
   */
  private CompletableFuture<Void> begin(
      Subscription subscription,
      @Nullable String requestId,
      @Nullable Position since,
      ChannelRight right,
      boolean fresh,
      boolean live) {
    Channel channel = subscription.channel();
    int read = fresh ? 0 : subscription.restart();
    CompletableFuture<Void> ready =
        fresh
            ? join(subscription)
            : Background.attempt(() -> registry.retry(channel, broker::subscribe));
    return ready
        // A login's snapshot is newer than its log, and states must not go back.
        .thenCompose(_ -> recovery.page(channel, channel instanceof Channel.Login ? null : since))
        .handle(
            (page, failure) -> {
              if (failure != null) {
                refuseForNow(subscription, read, live, refusal(requestId, NO_BROKER));
                return DONE;
              }
              Position begin = since != null && page.complete() ? since : page.begin();
              return sendState(
                  subscription,
                  right,
                  state ->
                      recovery.deliver(
                          subscription,
                          read,
                          page,
                          subscribed(requestId, subscription, begin, page.complete(), state)),
                  () -> refuseForNow(subscription, read, live, refusal(requestId, STATE_UNKNOWN)),
                  SNAPSHOTS);
            })
        .thenCompose(Function.identity());
  }

  private static ServerEvent subscribed(
      @Nullable String requestId,
      Subscription subscription,
      Position position,
      boolean recovered,
      @Nullable String state) {
    Channel channel = subscription.channel();
    // Rights from the session's own identity end with the session's token, whose expiry the session
    // tracks.
    Instant end = mayFollow(subscription.session(), channel) ? null : subscription.expires();
    return new ServerEvent.Subscribed(requestId, channel, position, recovered, end, state);
  }

  /**
   * Delivers the snapshot that belongs to an answer. If a newer state is delivered while it is
   * being read, it is read again.
   *
   * @param send false: the client has a newer state
   * @return completes when the state was sent, or is known to be unavailable
   */
  private CompletableFuture<Void> sendState(
      Subscription subscription,
      ChannelRight right,
      Predicate<@Nullable String> send,
      Runnable unknown,
      int left) {
    return Background.attempt(right.state())
        .handle(
            (state, failure) -> {
              if (failure != null) {
                unknown.run();
                return DONE;
              }
              // Before the send, so that a client that receives the final state is no longer
              // subscribed.
              endAfter(subscription.session(), subscription.channel(), state);
              if (send.test(state)) {
                return DONE;
              }
              if (left > 1) {
                return sendState(subscription, right, send, unknown, left - 1);
              }
              // The state is no longer available: sending none is better than sending an outdated
              // one.
              var _ = send.test(null);
              return DONE;
            })
        .thenCompose(Function.identity());
  }

  private void endAfter(Session session, Channel channel, @Nullable String state) {
    if (logins.endsWith(channel, state)) {
      unfollow(session, channel);
    }
  }

  private void refuseForNow(
      Subscription subscription, int read, boolean live, ServerEvent refusal) {
    Session session = subscription.session();
    if (live) {
      subscription.onReadFailed(read);
      recovery.suspect(subscription);
    } else {
      unfollow(session, subscription.channel());
    }
    session.send(refusal);
  }

  private static ServerEvent refusal(@Nullable String requestId, Problem problem) {
    return new ServerEvent.Refusal(requestId, problem);
  }

  /** Ends or parks a subscription; false when there was none. */
  boolean unfollow(Session session, Channel channel) {
    if (staysParked(session, channel)) {
      Subscription subscription = session.subscription(channel);
      return subscription != null && subscription.park();
    }
    Subscription gone = session.unsubscribe(channel);
    if (gone == null) {
      return false;
    }
    forget(gone);
    return true;
  }

  /** Called when a message was written to the session's connection. */
  void onWritten(Session session, Message message) {
    endAfter(session, message.channel(), message.data());
  }

  /** Ends all subscriptions of a closed session. */
  void forget(Session session, List<Subscription> followed) {
    followed.forEach(this::forget);
    Instant end = session.identity().expires();
    if (end != null) {
      expiries.remove(session, end);
    }
  }

  private void forget(Subscription gone) {
    Instant end = gone.expires();
    if (end != null) {
      // Otherwise the index would keep a closed session until its tokens expire.
      expiries.remove(gone.session(), end);
      expectEnds(gone.session());
    }
    leave(gone);
  }

  private CompletableFuture<Void> join(Subscription subscription) {
    CompletableFuture<Void> ready = registry.join(subscription, this::first);
    metrics.subscribed(subscription.channel(), 1);
    if (subscription.session().hasEnded()) {
      // The session closed while it joined, and its removal may have run before the join.
      leave(subscription);
    }
    return ready;
  }

  private CompletableFuture<Void> first(Channel channel) {
    logins.followed(channel);
    return Background.attempt(() -> broker.subscribe(channel));
  }

  private void last(Channel channel) {
    logins.left(channel);
    Background.run("Unsubscribing from a channel", () -> broker.unsubscribe(channel));
  }

  private void leave(Subscription subscription) {
    if (registry.leave(subscription, this::last)) {
      metrics.subscribed(subscription.channel(), -1);
    }
  }

  // Ends of rights --------------------------------------------------------------------------------

  /**
   * Adapts subscriptions to a renewed identity. Those that only the old token allows continue until
   * that token's expiry.
   */
  void rightsChanged(Session session, Identity before) {
    Instant end = before.expires();
    if (end != null) {
      expiries.remove(session, end);
    }
    for (Subscription subscription : session.subscriptions()) {
      Channel channel = subscription.channel();
      if (before.names(channel) && !session.identity().names(channel)) {
        var _ = expire(subscription, later(subscription.expires(), end));
      }
    }
    expectEnds(session);
  }

  void tick() {
    expiries.tick(clock.instant(), this::endRights);
  }

  /** Ends an expired subscription; false when the session is no longer subscribed. */
  private boolean expire(Subscription subscription, @Nullable Instant end) {
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
   * The index has one entry per session and second: removing one right must keep the entry for the
   * others.
   */
  void expectEnds(Session session) {
    Instant end = session.identity().expires();
    if (end != null) {
      expiries.add(session, end);
      if (session.hasEnded()) {
        // The subscription ended meanwhile, and its removal may have run before this entry was
        // added.
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

  private void endRights(Session session) {
    Instant now = clock.instant();
    Instant end = session.identity().expires();
    if (end != null && !now.isBefore(end)) {
      Hub.closeSoon(session, CloseReason.TOKEN);
      return;
    }
    for (Subscription subscription : session.subscriptions()) {
      Channel channel = subscription.channel();
      Instant right = subscription.expires();
      if (right == null || now.isBefore(right)) {
        continue;
      }
      if (mayFollow(session, channel)) {
        // The token for this subscription has expired, but the session's own token names the
        // channel.
        var _ = expire(subscription, null);
      } else if (session.unsubscribeExpired(subscription, now)) {
        forget(subscription);
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

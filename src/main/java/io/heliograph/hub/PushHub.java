package io.heliograph.hub;

import io.heliograph.broker.Broker;
import io.heliograph.broker.BrokerListener;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.History;
import io.heliograph.message.Ids;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import io.heliograph.message.Published;
import io.heliograph.session.CloseReason;
import io.heliograph.session.Heartbeat;
import io.heliograph.session.Identity;
import io.heliograph.session.ServerFrame;
import io.heliograph.session.ServerFrame.Problem;
import io.heliograph.session.Session;
import io.heliograph.session.SessionEnvironment;
import io.heliograph.session.SessionListener;
import io.heliograph.session.SessionProperties;
import io.heliograph.session.SessionRegistry;
import io.heliograph.session.Subscription;
import io.heliograph.session.Transport;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Hub: where connecting, subscribing, pushing and leaving meet. Ways in (sockets, REST, callbacks)
 * call it; it keeps the node's {@link SessionRegistry} and is the node's ear at the {@link Broker}.
 * A push takes the same path whether its recipient is here or on another node: to the broker's log,
 * and back as an announcement.
 *
 * <p>Nothing here blocks; every method may be called by any thread.
 */
public final class PushHub implements BrokerListener, SessionListener {

  /** How far a client that comes back is spread when it was closed for itself alone. */
  private static final Duration COME_BACK_SOON = Duration.ofSeconds(1);

  private final Broker broker;
  private final SessionProperties properties;
  private final Clock clock;
  private final LongSupplier nanoTime;
  private final HubMetrics metrics;
  private final SessionRegistry registry = new SessionRegistry();
  private final SessionEnvironment environment;
  private final ConnectionLimits limits;
  private final Receipts receipts = new Receipts();
  private final Expiries expiries = new Expiries();
  private final LoginFollowers logins = new LoginFollowers();
  private final CatchUp catchUp;
  private final Pushes pushes;
  private final Lanes lanes;
  private final FanOut fanOut;
  private final Heartbeat heartbeat;

  /** Sessions with a write that did not complete at once; looked at by each tick. */
  private final Set<Session> pending = ConcurrentHashMap.newKeySet();

  public PushHub(
      Broker broker,
      SessionProperties properties,
      Clock clock,
      LongSupplier nanoTime,
      MeterRegistry meters,
      int laneCount) {
    this.broker = broker;
    this.properties = properties;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.metrics = new HubMetrics(meters);
    this.environment =
        new SessionEnvironment(this, (int) properties.maxQueuedBytes().toBytes(), nanoTime);
    this.limits = new ConnectionLimits(properties);
    this.metrics.sessionsAreOf(properties.maxPerNode(), pending);
    this.catchUp = new CatchUp(broker, metrics);
    this.pushes = new Pushes(broker, registry, receipts, metrics);
    this.lanes = new Lanes(laneCount);
    this.fanOut = new FanOut(registry, receipts, lanes, clock);
    this.heartbeat =
        new Heartbeat(registry, properties.heartbeat(), nanoTime.getAsLong(), this::close);
  }

  /**
   * Says of a login's state, as it is pushed and answered, whether it is the last: following ends
   * with it.
   */
  public void endLoginsAfter(Predicate<String> isLast) {
    logins.endAfter(isLast);
  }

  /** Begins to listen to the broker. */
  public void start() {
    broker.start(this);
  }

  public void stop() {
    lanes.close();
  }

  public SessionRegistry registry() {
    return registry;
  }

  public ConnectionLimits limits() {
    return limits;
  }

  // Coming ----------------------------------------------------------------------------------------

  /**
   * A line has opened: it becomes a session, follows its own channels and is welcomed.
   *
   * @return null when there was no room; the line is being closed
   */
  public @Nullable Session connect(Transport transport, Identity identity) {
    if (limits.take(transport.remoteAddress()) != ConnectionLimits.Room.FREE) {
      metrics.closed(CloseReason.TOO_MANY);
      transport.close(CloseReason.TOO_MANY);
      return null;
    }
    var channel = new Channel.OneSession(Ids.random128());
    Session session =
        new Session(channel, transport, environment, identity, clock.instant(), endOfLife());
    registry.add(session);
    metrics.sessions(transport.kind()).incrementAndGet();
    if (identity.expires() != null) {
      expiries.add(session, identity.expires());
    }
    List<Channel> own = new ArrayList<>(3);
    own.add(channel);
    own.add(Channel.EVERYONE);
    if (identity.user() != null) {
      own.add(new Channel.User(identity.user()));
      replaceOldest(own.getLast());
    }
    followOwn(
        session,
        own,
        positions ->
            new ServerFrame.Welcome(
                session.id(), properties.heartbeat(), identity.user(), clock.instant(), positions));
    return session;
  }

  private long endOfLife() {
    double dither = 0.8 + 0.4 * ThreadLocalRandom.current().nextDouble();
    return nanoTime.getAsLong() + (long) (properties.lifetime().toNanos() * dither);
  }

  private record Start(Subscription subscription, CompletableFuture<History> page) {}

  /** Positions go into the greeting, so it waits for them; messages wait for the greeting. */
  private void followOwn(
      Session session, List<Channel> own, Function<Map<Channel, Position>, ServerFrame> greeting) {
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

  private CompletableFuture<Void> join(Subscription subscription) {
    CompletableFuture<Void> ready = registry.join(subscription, broker::subscribe);
    metrics.subscribed(subscription.channel(), 1);
    if (subscription.session().hasEnded()) {
      // It went while it joined; its leaving may have come first and found nothing.
      leave(subscription);
    }
    return ready;
  }

  private void leave(Subscription subscription) {
    if (registry.leave(subscription, broker::unsubscribe)) {
      metrics.subscribed(subscription.channel(), -1);
    }
  }

  /** Somebody with very many tabs loses the one that was opened first. */
  private void replaceOldest(Channel user) {
    Subscription[] present = registry.followers(user);
    if (present.length < properties.maxPerUser()) {
      return;
    }
    Session oldest = null;
    for (Subscription subscription : present) {
      Session session = subscription.session();
      if (session.isOpen()
          && (oldest == null || session.connectedAt().isBefore(oldest.connectedAt()))) {
        oldest = session;
      }
    }
    if (oldest != null) {
      close(oldest, CloseReason.REPLACED);
    }
  }

  // Following -------------------------------------------------------------------------------------

  /** Whether the session may follow this channel by what it is. */
  public boolean mayFollow(Session session, Channel channel) {
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
  public void subscribe(
      Session session,
      String requestId,
      Channel channel,
      @Nullable Position since,
      Capabilities.Granted granted) {
    boolean full =
        session.subscription(channel) == null
            && session.subscriptions().size() >= properties.maxSubscriptions();
    if (full || !LoginFollowers.hasRoomFor(session, channel)) {
      metrics.noRoom();
      int most = full ? properties.maxSubscriptions() : LoginFollowers.MAX_LOGINS_PER_SESSION;
      session.send(
          new ServerFrame.Refusal(
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
        close(oldest, CloseReason.REPLACED);
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
      String state = granted.state().get();
      session.send(new ServerFrame.Subscribed(requestId, channel, now, true, state));
      endAfter(session, channel, state);
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
                refuseForNow(subscription, read, requestId, fresh != null);
                return;
              }
              Position begin = since != null && page.complete() ? since : page.begin();
              String state = granted.state().get();
              catchUp.deliver(
                  subscription,
                  read,
                  page,
                  new ServerFrame.Subscribed(requestId, channel, begin, page.complete(), state));
              endAfter(session, channel, state);
            });
  }

  private void endAfter(Session session, Channel channel, @Nullable String state) {
    if (logins.endsWith(channel, state)) {
      unfollow(session, channel);
    }
  }

  private void refuseForNow(Subscription subscription, int read, String requestId, boolean fresh) {
    Session session = subscription.session();
    if (fresh) {
      unfollow(session, subscription.channel());
    } else {
      session.readingFailed(subscription, read);
      catchUp.suspect(subscription);
    }
    session.send(
        new ServerFrame.Refusal(
            requestId,
            Problem.of("broker-unavailable", "The broker cannot be reached", 503, "ask again")));
  }

  private void expire(Subscription subscription, @Nullable Instant end) {
    Session session = subscription.session();
    if (subscription.expiresAtMillis() != Long.MAX_VALUE) {
      expiries.remove(session, Instant.ofEpochMilli(subscription.expiresAtMillis()));
    }
    subscription.expiresAtMillis(end == null ? Long.MAX_VALUE : end.toEpochMilli());
    expectEnds(session);
  }

  /**
   * A session stands once in a second, whatever ends in it: taking one right's end out must leave
   * the others' in.
   */
  private void expectEnds(Session session) {
    Instant end = session.identity().expires();
    if (end != null) {
      expiries.add(session, end);
    }
    for (Subscription subscription : session.subscriptions()) {
      if (subscription.expiresAtMillis() != Long.MAX_VALUE) {
        expiries.add(session, Instant.ofEpochMilli(subscription.expiresAtMillis()));
      }
    }
  }

  /** False when it did not follow the channel. */
  public boolean unfollow(Session session, Channel channel) {
    Subscription gone = session.unfollow(channel);
    if (gone == null) {
      return false;
    }
    // Or a session that has gone would be remembered until its tokens' end.
    expire(gone, null);
    leave(gone);
    return true;
  }

  /** The client handled everything up to here; false when it was not sent that. */
  public boolean acknowledge(Session session, Channel channel, Position position) {
    Subscription subscription = session.subscription(channel);
    if (subscription == null || !session.acknowledge(subscription, position)) {
      return false;
    }
    receipts.onAcknowledged(session.id(), channel, position);
    Instant newest = subscription.acceptedAt(position);
    if (newest != null) {
      metrics.acknowledged(since(newest));
    }
    return true;
  }

  /**
   * The client logged in on the open line, or renewed its token: it is told so before its user's
   * messages come.
   *
   * @param identity somebody, with an end
   * @return false when it is somebody else now; then nothing has changed
   */
  public boolean authenticate(Session session, String requestId, Identity identity) {
    Identity before = session.identity();
    String user = identity.user();
    Instant end = identity.expires();
    if (user == null || end == null || (before.user() != null && !before.user().equals(user))) {
      return false;
    }
    session.identity(identity);
    if (before.expires() != null) {
      expiries.remove(session, before.expires());
    }
    expectEnds(session);
    List<Channel> own = new ArrayList<>(1);
    if (before.user() == null) {
      own.add(new Channel.User(user));
      replaceOldest(own.getFirst());
    }
    followOwn(
        session, own, positions -> new ServerFrame.Authenticated(requestId, user, end, positions));
    return true;
  }

  // Pushing ---------------------------------------------------------------------------------------

  /** See {@link Pushes#push(Channel, Draft)}. */
  public CompletableFuture<Published> push(Channel channel, Draft draft) {
    return pushes.push(channel, draft);
  }

  /** See {@link Pushes#push(Channel, Draft, Push.Wait)}. */
  public CompletableFuture<Push.Result> push(Channel channel, Draft draft, Push.Wait wait) {
    return pushes.push(channel, draft, wait);
  }

  /** A page of a channel's log; see {@link Broker#history}. */
  public CompletableFuture<History> log(Channel channel, @Nullable Position since, int limit) {
    return broker.history(channel, since, limit);
  }

  /** Where a channel's log stands. */
  public CompletableFuture<Position> head(Channel channel) {
    return broker.head(channel);
  }

  @Override
  public void onMessage(Message message) {
    fanOut.onMessage(message);
  }

  @Override
  public void onInterruption() {
    for (Session session : registry.sessions()) {
      session.subscriptions().forEach(catchUp::suspect);
    }
  }

  @Override
  public void onInterruption(Channel channel) {
    for (Subscription subscription : registry.followers(channel)) {
      catchUp.suspect(subscription);
    }
  }

  // What sessions report --------------------------------------------------------------------------

  @Override
  public void onWritten(Session session, Message message, boolean live) {
    metrics.written();
    if (live) {
      metrics.delivered(since(message.time()));
    } else {
      metrics.recovered();
    }
    receipts.onWritten(session.id(), message);
    if (message.channel() instanceof Channel.User) {
      broker.markDelivered(message.channel(), message.position());
    }
    endAfter(session, message.channel(), message.data());
  }

  @Override
  public void onRoom(Session session) {
    catchUp.run(session);
  }

  @Override
  public void onPending(Session session) {
    pending.add(session);
  }

  @Override
  public void onOverflow(Session session) {
    metrics.overflow();
  }

  @Override
  public void onBroken(Session session) {
    session.abort(CloseReason.GONE);
  }

  private Duration since(Instant accepted) {
    Duration passed = Duration.between(accepted, clock.instant());
    return passed.isNegative() ? Duration.ZERO : passed;
  }

  // Leaving ---------------------------------------------------------------------------------------

  /** Closes a session in good order. */
  public void close(Session session, CloseReason reason) {
    close(session, reason, jittered(COME_BACK_SOON));
  }

  void close(Session session, CloseReason reason, Duration reconnectAfter) {
    session.close(reason, reconnectAfter);
  }

  static Duration jittered(Duration most) {
    return Duration.ofMillis(ThreadLocalRandom.current().nextLong(most.toMillis() + 1));
  }

  /**
   * The line has gone, whoever closed it. Takes this session out of everything, and no other: a
   * late close of an old line never touches its successor.
   *
   * @param reason why, as the line saw it; the server's own reason comes first
   */
  public void disconnect(Session session, CloseReason reason) {
    CloseReason ownReason = session.closing();
    List<Subscription> followed = session.end();
    if (!registry.remove(session)) {
      return;
    }
    for (Subscription subscription : followed) {
      expire(subscription, null);
      leave(subscription);
    }
    Instant end = session.identity().expires();
    if (end != null) {
      expiries.remove(session, end);
    }
    pending.remove(session);
    catchUp.forget(session);
    limits.giveBack(session.transport().remoteAddress());
    metrics.sessions(session.transport().kind()).decrementAndGet();
    metrics.closed(ownReason != null ? ownReason : reason);
  }

  // Time ------------------------------------------------------------------------------------------

  /** Called a few times a second by one thread. */
  public void tick() {
    long nowNanos = nanoTime.getAsLong();
    heartbeat.tick(nowNanos);
    for (Session session : pending) {
      long nanos = session.pendingNanos(nowNanos);
      if (nanos == 0) {
        pending.remove(session);
        if (session.pendingNanos(nowNanos) != 0) {
          pending.add(session);
        }
      } else if (nanos > properties.sendTimeout().toNanos()) {
        session.abort(CloseReason.SLOW);
      }
    }
    catchUp.tick();
    expiries.tick(clock.instant(), this::endRights);
  }

  private void endRights(Session session) {
    Instant now = clock.instant();
    Instant end = session.identity().expires();
    if (end != null && !now.isBefore(end)) {
      close(session, CloseReason.TOKEN);
      return;
    }
    for (Subscription subscription : session.subscriptions()) {
      if (subscription.expiresAtMillis() <= now.toEpochMilli()
          && unfollow(session, subscription.channel())) {
        session.send(
            new ServerFrame.Refusal(
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

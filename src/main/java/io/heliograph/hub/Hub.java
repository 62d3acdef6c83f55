package io.heliograph.hub;

import io.heliograph.broker.Broker;
import io.heliograph.broker.BrokerListener;
import io.heliograph.broker.ClusterBus;
import io.heliograph.broker.ReceiptWish;
import io.heliograph.concurrent.Background;
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
import io.heliograph.session.ServerEvent;
import io.heliograph.session.Session;
import io.heliograph.session.SessionContext;
import io.heliograph.session.SessionListener;
import io.heliograph.session.SessionProperties;
import io.heliograph.session.SessionRegistry;
import io.heliograph.session.StateVersion;
import io.heliograph.session.Subscription;
import io.heliograph.session.Transport;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Hub: where connecting, subscribing, pushing and leaving meet. Ways in (sockets, REST, callbacks)
 * call it; it keeps the node's {@link SessionRegistry} and is the node's ear at the {@link Broker}.
 * A push takes the same path whether its recipient is here or on another node: to the broker's log,
 * and back as an announcement.
 *
 * <p>Nothing here blocks; every method may be called by any thread.
 */
public final class Hub implements BrokerListener, SessionListener {

  /** How far a client that comes back is spread when it was closed for itself alone. */
  private static final Duration COME_BACK_SOON = Duration.ofSeconds(1);

  private final Broker broker;
  private final SessionProperties properties;
  private final Clock clock;
  private final LongSupplier nanoTime;
  private final HubMetrics metrics;
  private final SessionRegistry registry = new SessionRegistry();
  private final SessionContext environment;
  private final ConnectionLimits limits;
  private final DeliveryTracker receipts = new DeliveryTracker();
  private final RemoteReceipts receiptLine;
  private final LoginFollowers logins = new LoginFollowers();
  private final UnsendableMessages unsendable;
  private final Recovery catchUp;
  private final Subscriptions following;
  private final Publisher pushes;
  private final FanOut fanOut;
  private final Heartbeat heartbeat;
  private final Confirmations confirmations;

  /** Sessions with a write that did not complete at once; looked at by each tick. */
  private final Set<Session> pending = ConcurrentHashMap.newKeySet();

  public Hub(
      Broker broker,
      ClusterBus peers,
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
        new SessionContext(
            this, (int) properties.maxQueuedBytes().toBytes(), nanoTime, logins::mark);
    this.limits = new ConnectionLimits(properties);
    this.metrics.sessionsAreOf(properties.maxPerNode(), pending);
    this.unsendable = new UnsendableMessages(metrics);
    this.catchUp = new Recovery(broker, registry, metrics);
    this.following =
        new Subscriptions(broker, registry, catchUp, logins, properties, clock, metrics);
    this.receiptLine = new RemoteReceipts(receipts, peers, nanoTime);
    this.pushes = new Publisher(broker, receiptLine, metrics);
    this.fanOut = new FanOut(registry, receipts, clock, laneCount);
    this.confirmations = new Confirmations(broker, nanoTime.getAsLong());
    this.heartbeat =
        new Heartbeat(registry, properties.heartbeat(), nanoTime.getAsLong(), this::endAtHeartbeat);
  }

  /**
   * Says where a login's state stands, as it is pushed and answered: none is told after a newer
   * one, and following ends with the last.
   *
   * @param marks null for a text that is no state
   */
  public void readLoginStates(Function<String, @Nullable StateVersion> marks) {
    logins.read(marks);
  }

  /** Begins to listen to the broker. */
  public void start() {
    receiptLine.start();
    broker.start(this);
  }

  public void stop() {
    fanOut.close();
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
   * <p>The line may end before this returns, since the first write may find it broken. The caller
   * calls {@link #disconnect} then as soon as it has the session. If this throws, no session is
   * left behind.
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
    metrics.sessions(transport.info()).incrementAndGet();
    try {
      begin(session);
    } catch (RuntimeException | Error e) {
      disconnect(session, CloseReason.FAULT);
      throw e;
    }
    return session;
  }

  private void begin(Session session) {
    Identity identity = session.identity();
    following.expectEnds(session);
    List<Channel> own = new ArrayList<>(3);
    own.add(session.channel());
    own.add(Channel.EVERYONE);
    if (identity.user() != null) {
      own.add(new Channel.User(identity.user()));
      replaceOldest(own.getLast());
    }
    following.followOwn(
        session,
        own,
        positions ->
            new ServerEvent.Welcome(
                session.id(),
                properties.heartbeat(),
                identity.user(),
                identity.expires(),
                clock.instant(),
                positions));
  }

  private long endOfLife() {
    double dither = 0.8 + 0.4 * ThreadLocalRandom.current().nextDouble();
    return nanoTime.getAsLong() + (long) (properties.lifetime().toNanos() * dither);
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

  /** See {@link Subscriptions#mayFollow}. */
  public boolean mayFollow(Session session, Channel channel) {
    return Subscriptions.mayFollow(session, channel);
  }

  /** See {@link Subscriptions#subscribe}. */
  public void subscribe(
      Session session,
      @Nullable String requestId,
      Channel channel,
      @Nullable Position since,
      ChannelRight right) {
    following.subscribe(session, requestId, channel, since, right);
  }

  /** False when it did not follow the channel. */
  public boolean unfollow(Session session, Channel channel) {
    return following.unfollow(session, channel);
  }

  /** The logins that sessions here follow; a live view. */
  public Set<Channel.Login> followedLogins() {
    return logins.followed();
  }

  /**
   * Tells a login's state, as it was just read, to the sessions here that know only an older one:
   * what they were owed got lost, or the broker is away.
   *
   * @return how many were told
   */
  public int tellLogin(Channel.Login login, Draft state) {
    int told = 0;
    for (Subscription subscription : registry.followers(login)) {
      told += subscription.session().tell(subscription, state) ? 1 : 0;
    }
    return told;
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
   * The client logged in on the open connection, or renewed its token: it is told so before its
   * user's messages come.
   *
   * @param identity what the new token says; it has an end
   * @return false when the session belongs to another user; then nothing has changed
   */
  public boolean authenticate(Session session, @Nullable String requestId, Identity identity) {
    Identity before = session.identity();
    String user = identity.user();
    Instant end = identity.expires();
    if (end == null || (before.user() != null && !before.user().equals(user))) {
      return false;
    }
    session.identity(identity);
    following.rightsChanged(session, before);
    List<Channel> own = new ArrayList<>(1);
    if (user != null && before.user() == null) {
      own.add(new Channel.User(user));
      replaceOldest(own.getFirst());
    }
    following.followOwn(
        session, own, positions -> new ServerEvent.Authenticated(requestId, user, end, positions));
    return true;
  }

  // Pushing ---------------------------------------------------------------------------------------

  /** See {@link Publisher#stopWaiting(boolean)}. */
  void stopWaiting(boolean stop) {
    pushes.stopWaiting(stop);
  }

  /** See {@link Publisher#push(Channel, Draft)}. */
  public CompletableFuture<Published> push(Channel channel, Draft draft) {
    return pushes.push(channel, draft);
  }

  /** See {@link Publisher#push(Channel, Draft, PublishWait)}. */
  public CompletableFuture<PublishResult> push(Channel channel, Draft draft, PublishWait wait) {
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
  public void onMessage(Message message, ReceiptWish wish) {
    Runnable written = receiptLine.owe(message, wish);
    fanOut.onMessage(message);
    written.run();
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
    Duration sinceAccepted = since(message.time());
    DeliveryLog.written(message, live, sinceAccepted);
    if (live) {
      metrics.delivered(sinceAccepted, message.trace());
    } else {
      metrics.recovered();
    }
    receipts.onWritten(session.id(), message);
    confirmations.onWritten(session, message);
    following.onWritten(session, message);
  }

  @Override
  public void onConfirmed(Session session, Channel channel, Position position) {
    confirmations.onConfirmed(channel, position);
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
  public void onUnsendable(Session session, Message message, Throwable refusal) {
    metrics.gap();
    unsendable.add(session.transport().info().protocol(), message, refusal);
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
    closeSoon(session, reason);
  }

  private void endAtHeartbeat(Session session, CloseReason reason) {
    if (reason == CloseReason.GONE) {
      disconnect(session, reason);
    } else {
      close(session, reason);
    }
  }

  /** For itself alone, so it may come back soon. */
  static void closeSoon(Session session, CloseReason reason) {
    session.close(reason, jittered(COME_BACK_SOON));
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
    // First what is only counted here: the broker, which the rest may ask, may fail.
    limits.giveBack(session.transport().remoteAddress());
    metrics.sessions(session.transport().info()).decrementAndGet();
    metrics.closed(ownReason != null ? ownReason : reason);
    pending.remove(session);
    confirmations.forget(session);
    catchUp.forget(session);
    following.forget(session, followed);
  }

  // Time ------------------------------------------------------------------------------------------

  /** Called a few times a second by one thread. */
  public void tick() {
    long nowNanos = nanoTime.getAsLong();
    Background.run("A round of heartbeats", () -> heartbeat.tick(nowNanos));
    Background.run("Looking for stuck writes", () -> abortStuck(nowNanos));
    Background.run("Asking for confirmations", () -> confirmations.tick(nowNanos));
    Background.run("Reading logs again", catchUp::tick);
    Background.run("Ending rights", following::tick);
    Background.run("Sending receipts", receiptLine::tick);
  }

  @SuppressWarnings("ModifyCollectionInEnhancedForLoop") // a concurrent set
  private void abortStuck(long nowNanos) {
    for (Session session : pending) {
      long nanos = session.stalledNanos(nowNanos);
      if (nanos == 0) {
        pending.remove(session);
        if (session.stalledNanos(nowNanos) != 0) {
          pending.add(session);
        }
      } else if (nanos > properties.sendTimeout().toNanos()
          && !session.transport().info().detachable()) {
        session.abort(CloseReason.SLOW);
      }
    }
  }
}

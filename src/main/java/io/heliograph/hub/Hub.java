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
import io.heliograph.session.TransportInfo;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The center of a node: connects and closes sessions, subscribes them to channels, and publishes
 * messages. Transports, REST and callbacks call it. It keeps the node's {@link SessionRegistry} and
 * receives the announcements of the {@link Broker}. A publish takes the same path whether its
 * subscribers are on this node or on another: to the broker's log, and back as an announcement.
 *
 * <p>No method blocks; all are thread-safe.
 */
public final class Hub implements BrokerListener, SessionListener {

  /** The range of the reconnect delay after the close of a single session. */
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
  private final RemoteReceipts remoteReceipts;
  private final LoginSubscriptions logins = new LoginSubscriptions();
  private final UnsendableMessages unsendable;
  private final Recovery recovery;
  private final Subscriptions subscriptions;
  private final Publisher publisher;
  private final FanOut fanOut;
  private final Heartbeat heartbeat;
  private final Confirmations confirmations;

  /** What others do at each tick; none of them throws. */
  private final List<Runnable> ticks = new CopyOnWriteArrayList<>();

  /** Sessions with a write that did not complete at once; checked at each tick. */
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
    this.recovery = new Recovery(broker, registry, metrics);
    this.subscriptions =
        new Subscriptions(broker, registry, recovery, logins, properties, clock, metrics);
    this.remoteReceipts = new RemoteReceipts(receipts, peers, nanoTime);
    this.publisher = new Publisher(broker, remoteReceipts, metrics);
    this.fanOut = new FanOut(registry, receipts, clock, laneCount);
    this.confirmations = new Confirmations(broker, nanoTime.getAsLong());
    this.heartbeat =
        new Heartbeat(registry, properties.heartbeat(), nanoTime.getAsLong(), this::endAtHeartbeat);
  }

  /**
   * Sets how login states are read from messages and answers. States are then delivered in the
   * order of their versions, and the subscription ends with the final one.
   *
   * @param marks null for a text that is not a state
   */
  public void readLoginStates(Function<String, @Nullable StateVersion> marks) {
    logins.read(marks);
  }

  /** Starts to receive announcements. */
  public void start() {
    remoteReceipts.start();
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

  // Connecting ------------------------------------------------------------------------------------

  /**
   * Creates the session of an opened connection, subscribes it to its own channels and sends the
   * welcome.
   *
   * <p>The connection may end before this returns, since the first write can fail. The caller then
   * calls {@link #disconnect} as soon as it has the session. If this throws, no session is left
   * behind.
   *
   * @return null when a limit is reached; the connection is being closed
   */
  public @Nullable Session connect(Transport transport, Identity identity) {
    return connect(transport, identity, SessionStart.NEW);
  }

  /** As {@link #connect(Transport, Identity)}, for a session that starts with more. */
  public @Nullable Session connect(Transport transport, Identity identity, SessionStart start) {
    if (limits.take(transport.remoteAddress()) != ConnectionLimits.Room.FREE) {
      metrics.closed(CloseReason.TOO_MANY);
      transport.close(CloseReason.TOO_MANY);
      return null;
    }
    var channel = new Channel.OneSession(Ids.random128());
    Session session =
        new Session(
            channel,
            transport,
            environment,
            identity,
            clock.instant(),
            endOfLife(start.lifetime() == null ? properties.lifetime() : start.lifetime()));
    registry.add(session);
    count(session, transport.info());
    try {
      begin(session, start);
    } catch (RuntimeException | Error e) {
      disconnect(session, CloseReason.FAULT);
      throw e;
    }
    return session;
  }

  private void begin(Session session, SessionStart start) {
    Identity identity = session.identity();
    subscriptions.expectEnds(session);
    List<Channel> own = new ArrayList<>(3 + start.channels().size());
    own.add(session.channel());
    own.add(Channel.EVERYONE);
    if (identity.user() != null) {
      own.add(new Channel.User(identity.user()));
      replaceOldest(own.getLast());
    }
    own.addAll(start.channels());
    subscriptions.followOwn(
        session,
        own,
        start,
        beginning -> {
          confirmResumed(own, start, beginning);
          return new ServerEvent.Welcome(
              session.id(),
              properties.heartbeat(),
              identity.user(),
              identity.expires(),
              clock.instant(),
              beginning.positions(),
              beginning.channels(),
              beginning.lost());
        });
  }

  /**
   * A client that resumes after a position has everything before it. For one that acknowledges
   * nothing, such as a stream or a poll, this is the only proof.
   */
  private void confirmResumed(
      List<Channel> own, SessionStart start, Subscriptions.Beginning beginning) {
    for (Channel channel : own) {
      Position since = start.since().get(channel);
      if (since != null && !beginning.lost().contains(channel)) {
        confirmations.onConfirmed(channel, since);
      }
    }
  }

  /**
   * Done when the welcome and the first messages of a session that has just connected were handed
   * to its transport; never fails.
   */
  public CompletableFuture<Void> started(Session session) {
    return subscriptions.started(session);
  }

  private long endOfLife(Duration lifetime) {
    double dither = 0.8 + 0.4 * ThreadLocalRandom.current().nextDouble();
    return nanoTime.getAsLong() + (long) (lifetime.toNanos() * dither);
  }

  /** Closes the oldest session of a user who has too many. */
  private void replaceOldest(Channel user) {
    Subscription[] present = registry.subscribers(user);
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

  /**
   * The session's transport is carried by something else from now on: see {@link Transport#info}.
   */
  public void transportChanged(Session session) {
    if (!session.hasEnded()) {
      count(session, session.transport().info());
      if (session.hasEnded()) {
        // It ended meanwhile, and may have been counted out before it was counted in again.
        count(session, null);
      }
    }
  }

  private void count(Session session, @Nullable TransportInfo now) {
    TransportInfo before = session.countAs(now);
    if (before != null) {
      metrics.sessions(before).decrementAndGet();
    }
    if (now != null) {
      metrics.sessions(now).incrementAndGet();
    }
  }

  // Subscribing -----------------------------------------------------------------------------------

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
    subscriptions.subscribe(session, requestId, channel, since, right);
  }

  /** Ends a subscription; false when there was none. */
  public boolean unfollow(Session session, Channel channel) {
    return subscriptions.unfollow(session, channel);
  }

  /** The logins with subscribers on this node; a live view. */
  public Set<Channel.Login> followedLogins() {
    return logins.followed();
  }

  /**
   * Delivers a login's state, as just read, to the sessions on this node that have an older one:
   * the message was lost, or the broker is unavailable.
   *
   * @return the number of sessions that got it
   */
  public int tellLogin(Channel.Login login, Draft state) {
    int sent = 0;
    for (Subscription subscription : registry.subscribers(login)) {
      sent += subscription.session().deliverState(subscription, state) ? 1 : 0;
    }
    return sent;
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
    receipts.onAcknowledged(session.id(), channel, position);
    Instant newest = subscription.acceptedAt(position);
    if (newest != null) {
      metrics.acknowledged(since(newest));
    }
    return true;
  }

  /**
   * Applies a login on an open connection or a renewed token. The confirmation is sent before
   * messages of the user's channel.
   *
   * @param identity the identity in the new token, which has an expiry
   * @return false when the session belongs to another user; it is then unchanged
   */
  public boolean authenticate(Session session, @Nullable String requestId, Identity identity) {
    Identity before = session.identity();
    String user = identity.user();
    Instant end = identity.expires();
    if (end == null || (before.user() != null && !before.user().equals(user))) {
      return false;
    }
    session.identity(identity);
    subscriptions.rightsChanged(session, before);
    List<Channel> own = new ArrayList<>(1);
    if (user != null && before.user() == null) {
      own.add(new Channel.User(user));
      replaceOldest(own.getFirst());
    }
    subscriptions.followOwn(
        session,
        own,
        SessionStart.NEW,
        beginning -> new ServerEvent.Authenticated(requestId, user, end, beginning.positions()));
    return true;
  }

  // Publishing ------------------------------------------------------------------------------------

  /** See {@link Publisher#stopWaiting(boolean)}. */
  void stopWaiting(boolean stop) {
    publisher.stopWaiting(stop);
  }

  /** See {@link Publisher#push(Channel, Draft)}. */
  public CompletableFuture<Published> push(Channel channel, Draft draft) {
    return publisher.push(channel, draft);
  }

  /** See {@link Publisher#push(Channel, Draft, PublishWait)}. */
  public CompletableFuture<PublishResult> push(Channel channel, Draft draft, PublishWait wait) {
    return publisher.push(channel, draft, wait);
  }

  /** A page of a channel's log; see {@link Broker#history}. */
  public CompletableFuture<History> log(Channel channel, @Nullable Position since, int limit) {
    return broker.history(channel, since, limit);
  }

  /** The position at the end of a channel's log. */
  public CompletableFuture<Position> head(Channel channel) {
    return broker.head(channel);
  }

  @Override
  public void onMessage(Message message) {
    fanOut.onMessage(message);
  }

  @Override
  public void onMessage(Message message, ReceiptWish wish) {
    Runnable written = remoteReceipts.startReporting(message, wish);
    fanOut.onMessage(message);
    written.run();
  }

  @Override
  public void onInterruption() {
    for (Session session : registry.sessions()) {
      session.subscriptions().forEach(recovery::suspect);
    }
  }

  @Override
  public void onInterruption(Channel channel) {
    for (Subscription subscription : registry.subscribers(channel)) {
      recovery.suspect(subscription);
    }
  }

  // Events of sessions ----------------------------------------------------------------------------

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
    subscriptions.onWritten(session, message);
  }

  @Override
  public void onConfirmed(Session session, Channel channel, Position position) {
    confirmations.onConfirmed(channel, position);
  }

  @Override
  public void onRoom(Session session) {
    recovery.run(session);
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

  // Closing ---------------------------------------------------------------------------------------

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

  /** Closes a single session, whose client may reconnect soon. */
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
   * Removes a session whose connection has ended, whichever side closed it. A late call for an old
   * connection never affects the session that replaced it.
   *
   * @param reason the reason as seen by the transport; the server's own reason takes precedence
   */
  public void disconnect(Session session, CloseReason reason) {
    CloseReason ownReason = session.closing();
    List<Subscription> followed = session.end();
    if (!registry.remove(session)) {
      return;
    }
    // Local counts first: the rest calls the broker, which may fail.
    limits.giveBack(session.transport().remoteAddress());
    count(session, null);
    metrics.closed(ownReason != null ? ownReason : reason);
    pending.remove(session);
    confirmations.forget(session);
    recovery.forget(session);
    subscriptions.forget(session, followed);
  }

  // Ticks -----------------------------------------------------------------------------------------

  /**
   * Adds to what each tick does.
   *
   * @param what for the log line, when the task throws
   */
  public void everyTick(String what, Runnable task) {
    ticks.add(Background.guarded(what, task));
  }

  /** Called a few times a second by one thread. */
  public void tick() {
    long nowNanos = nanoTime.getAsLong();
    Background.run("A round of heartbeats", () -> heartbeat.tick(nowNanos));
    Background.run("Looking for stuck writes", () -> abortStuck(nowNanos));
    Background.run("Asking for confirmations", () -> confirmations.tick(nowNanos));
    Background.run("Reading logs again", recovery::tick);
    Background.run("Ending rights", subscriptions::tick);
    Background.run("Sending receipts", remoteReceipts::tick);
    ticks.forEach(Runnable::run);
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

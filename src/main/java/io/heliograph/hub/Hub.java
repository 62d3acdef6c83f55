package io.heliograph.hub;

import io.heliograph.concurrent.Background;
import io.heliograph.message.Channel;
import io.heliograph.message.Ids;
import io.heliograph.session.CloseReason;
import io.heliograph.session.Identity;
import io.heliograph.session.ServerEvent;
import io.heliograph.session.Session;
import io.heliograph.session.SessionContext;
import io.heliograph.session.SessionProperties;
import io.heliograph.session.SessionRegistry;
import io.heliograph.session.Subscription;
import io.heliograph.session.Transport;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Begins and ends the sessions of this node, and drives their repeated work. What they subscribe to
 * is the part of {@link Subscriptions}, and what they are sent begins at the {@link Publisher}.
 *
 * <p>No method blocks; all are thread-safe.
 */
public final class Hub {

  private final SessionRegistry registry;
  private final ConnectionLimits limits;
  private final OwnChannels ownChannels;
  private final Memberships memberships;
  private final SessionEvents events;
  private final HubMetrics metrics;
  private final SessionContext context;
  private final SessionProperties properties;
  private final Clock clock;
  private final LongSupplier nanoTime;

  /** What is done at each tick; none of them throws. */
  private final List<Runnable> ticks = new CopyOnWriteArrayList<>();

  Hub(
      SessionRegistry registry,
      ConnectionLimits limits,
      OwnChannels ownChannels,
      Memberships memberships,
      SessionEvents events,
      HubMetrics metrics,
      SessionContext context,
      SessionProperties properties,
      Clock clock,
      LongSupplier nanoTime) {
    this.registry = registry;
    this.limits = limits;
    this.ownChannels = ownChannels;
    this.memberships = memberships;
    this.events = events;
    this.metrics = metrics;
    this.context = context;
    this.properties = properties;
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

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
            context,
            identity,
            clock.instant(),
            endOfLife(start.lifetime() == null ? properties.lifetime() : start.lifetime()));
    registry.add(session);
    events.onConnected(session);
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
    List<Channel> own = new ArrayList<>(3 + start.channels().size());
    own.add(session.channel());
    own.add(Channel.EVERYONE);
    if (identity.user() != null) {
      own.add(new Channel.User(identity.user()));
      replaceOldest(own.getLast());
    }
    own.addAll(start.channels());
    ownChannels.subscribe(
        session,
        own,
        start,
        beginning ->
            new ServerEvent.Welcome(
                session.id(),
                properties.heartbeat(),
                identity.user(),
                identity.expires(),
                clock.instant(),
                beginning.positions(),
                beginning.channels(),
                beginning.lost()));
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
      oldest.close(CloseReason.REPLACED);
    }
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
    events.onIdentityChanged(session, before);
    List<Channel> own = new ArrayList<>(1);
    if (user != null && before.user() == null) {
      own.add(new Channel.User(user));
      replaceOldest(own.getFirst());
    }
    ownChannels.subscribe(
        session,
        own,
        SessionStart.NEW,
        beginning -> new ServerEvent.Authenticated(requestId, user, end, beginning.positions()));
    return true;
  }

  /**
   * The session's transport is carried by something else from now on: see {@link Transport#info}.
   */
  public void transportChanged(Session session) {
    events.onTransportChanged(session);
  }

  /**
   * Removes a session whose connection has ended, whichever side closed it. A late call for an old
   * connection never affects the session that replaced it.
   *
   * @param reason the reason as seen by the transport; the server's own reason takes precedence
   */
  public void disconnect(Session session, CloseReason reason) {
    CloseReason ownReason = session.closing();
    List<Subscription> ended = session.end();
    if (!registry.remove(session)) {
      return;
    }
    // Local counts first: the rest calls the broker, which may fail.
    limits.giveBack(session.transport().remoteAddress());
    events.onEnded(session, ownReason != null ? ownReason : reason);
    ended.forEach(memberships::leave);
  }

  /** Closes what a heartbeat found to be over. */
  void endAtHeartbeat(Session session, CloseReason reason) {
    if (reason == CloseReason.GONE) {
      disconnect(session, reason);
    } else {
      session.close(reason);
    }
  }

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
    ticks.forEach(Runnable::run);
  }
}

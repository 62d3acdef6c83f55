package io.heliograph.session;

import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One connected client: who it is, whether it is alive, and what it follows. What it is told is in
 * {@link Feed}, and how that leaves in {@link Line}.
 *
 * <p>Safe for many threads. Its monitor guards the fields below and its subscriptions; neither the
 * transport, nor the listener, nor a broker is ever called under it.
 */
public final class Session extends Feed {

  private static final Subscription[] NONE = {};

  /** About a millisecond of nanoseconds, so that four bytes reach far enough. */
  private static final int TICK_BITS = 20;

  /** What the heartbeat finds. */
  enum Life {
    ALIVE,
    /** It was asked so short a time ago that no answer means nothing yet. */
    ASKED_JUST_NOW,
    SILENT
  }

  private final Channel.OneSession channel;

  /** In nanoseconds since 1970: an {@link Instant} would be one object more a session. */
  private final long connectedAtNanos;

  /** When it is to be ended, in monotonic nanoseconds; dithered, so that reconnects are spread. */
  private final long lifetimeEndNanos;

  private volatile Identity identity;

  /**
   * Anything was heard since the last ping. Written by the line's thread and the heartbeat's, and
   * races do no harm.
   */
  private volatile boolean alive = true;

  /**
   * When it was last asked for a sign of life, in units of {@link #TICK_BITS}; the heartbeat's own.
   */
  private int askedTick;

  private Subscription[] subscriptions = NONE;

  /** What was written and may not have arrived; null while there is nothing of the kind. */
  private @Nullable Unconfirmed unconfirmed;

  /** The number of the last ping, and whether its answer is still to come. */
  private byte pings;

  private boolean pinged;

  /** Some subscription may be behind: otherwise none has to be looked at after each write. */
  private boolean someBehind;

  public Session(
      Channel.OneSession channel,
      Transport transport,
      SessionContext environment,
      Identity identity,
      Instant connectedAt,
      long lifetimeEndNanos) {
    super(transport, environment);
    this.channel = channel;
    this.identity = identity;
    this.connectedAtNanos =
        Math.addExact(
            Math.multiplyExact(connectedAt.getEpochSecond(), 1_000_000_000L),
            connectedAt.getNano());
    this.lifetimeEndNanos = lifetimeEndNanos;
  }

  public String id() {
    return channel.id();
  }

  public Channel.OneSession channel() {
    return channel;
  }

  @Override
  Session session() {
    return this;
  }

  public Identity identity() {
    return identity;
  }

  public void identity(Identity newIdentity) {
    identity = newIdentity;
  }

  public Instant connectedAt() {
    return Instant.ofEpochSecond(0, connectedAtNanos);
  }

  public boolean outlived(long nowNanos) {
    return nowNanos - lifetimeEndNanos >= 0;
  }

  /** The client gave a sign of life. */
  public void heard() {
    alive = true;
  }

  /**
   * The client's network took more of a write that had to wait for it. A sign of life, but no proof
   * that anything arrived.
   */
  void progressed() {
    alive = true;
  }

  /**
   * Whether the last question was answered; if so, it is to be asked again now.
   *
   * @param graceNanos how long it may take to answer, whatever else held up the heartbeat
   */
  Life life(long nowNanos, long graceNanos) {
    int tick = (int) (nowNanos >> TICK_BITS);
    if (!alive) {
      return tick - askedTick < graceNanos >> TICK_BITS ? Life.ASKED_JUST_NOW : Life.SILENT;
    }
    alive = false;
    askedTick = tick;
    return Life.ALIVE;
  }

  // What it received ------------------------------------------------------------------------------

  /**
   * A message was handed to the network, which says nothing about the client. It is confirmed, and
   * reported to {@link SessionListener#onConfirmed}, by an acknowledgement or by the answer to a
   * later ping; where clients answer none, when the connection has lived through two more pings.
   *
   * @return whether to ask for an answer soon, because the client does not acknowledge by itself
   */
  public boolean awaitConfirmation(Channel written, Position position) {
    synchronized (this) {
      unconfirmed = Unconfirmed.written(unconfirmed, written, position);
      Subscription subscription = subscription(written);
      return transport().info().liveness() == Liveness.PING
          && subscription != null
          && subscription.acknowledged() == null;
    }
  }

  /** Whether something was written that a ping should follow, so that its answer confirms it. */
  public boolean needsPing() {
    synchronized (this) {
      return !pinged && Unconfirmed.anyUnasked(unconfirmed);
    }
  }

  /** Whether the client is known to have everything that was written to it. */
  public boolean isConfirmed() {
    synchronized (this) {
      return unconfirmed == null;
    }
  }

  /** Asks for a sign of life, which also confirms what was written before. */
  public void ping() {
    int number;
    Unconfirmed.Confirmed confirmed = null;
    synchronized (this) {
      number = ++pings & 0xff;
      pinged = true;
      if (transport().info().liveness() == Liveness.PING) {
        Unconfirmed.ask(unconfirmed);
      } else {
        confirmed = Unconfirmed.age(unconfirmed);
        unconfirmed = Unconfirmed.without(unconfirmed, confirmed);
      }
    }
    report(confirmed);
    transport().ping(number);
  }

  /**
   * The client answered a ping.
   *
   * @return false when it was not the last one, or was answered before
   */
  public boolean answered(int number) {
    Unconfirmed.Confirmed confirmed;
    synchronized (this) {
      if (!pinged || number != (pings & 0xff)) {
        return false;
      }
      pinged = false;
      confirmed = Unconfirmed.answered(unconfirmed);
      unconfirmed = Unconfirmed.without(unconfirmed, confirmed);
    }
    heard();
    report(confirmed);
    return true;
  }

  private void report(Unconfirmed.@Nullable Confirmed first) {
    for (Unconfirmed.Confirmed each = first; each != null; each = each.next()) {
      Unconfirmed.Confirmed one = each;
      report(listener -> listener.onConfirmed(this, one.channel(), one.position()));
    }
  }

  // What it follows -------------------------------------------------------------------------------

  public List<Subscription> subscriptions() {
    synchronized (this) {
      return List.of(subscriptions);
    }
  }

  @Override
  public @Nullable Subscription subscription(Channel followed) {
    synchronized (this) {
      for (Subscription subscription : subscriptions) {
        if (subscription.channel().equals(followed)) {
          return subscription;
        }
      }
      return null;
    }
  }

  /**
   * A new subscription, or null when it follows the channel already or has ended. Not live before
   * its first page.
   */
  public @Nullable Subscription follow(Channel followed) {
    synchronized (this) {
      if (!isOpen() || subscription(followed) != null) {
        return null;
      }
      Subscription subscription = new Subscription(this, followed);
      subscriptions = Arrays.copyOf(subscriptions, subscriptions.length + 1);
      subscriptions[subscriptions.length - 1] = subscription;
      return subscription;
    }
  }

  public @Nullable Subscription unfollow(Channel followed) {
    synchronized (this) {
      Subscription gone = subscription(followed);
      if (gone != null) {
        Subscription[] rest = new Subscription[subscriptions.length - 1];
        int i = 0;
        for (Subscription subscription : subscriptions) {
          if (subscription != gone) {
            rest[i++] = subscription;
          }
        }
        subscriptions = rest;
      }
      return gone;
    }
  }

  /**
   * Sets the end of the token that the subscription rests on; null: it rests on none.
   *
   * @return false when the session does not follow the channel any more
   */
  public boolean expires(Subscription subscription, @Nullable Instant end) {
    synchronized (this) {
      boolean followed = subscription(subscription.channel()) == subscription;
      if (followed) {
        subscription.expires(end);
      }
      return followed;
    }
  }

  /** Unfollows the channel, unless its right was renewed meanwhile. */
  public boolean unfollowExpired(Subscription subscription, Instant now) {
    synchronized (this) {
      Instant end = subscription.expires();
      return end != null && !now.isBefore(end) && unfollow(subscription.channel()) != null;
    }
  }

  /** The client handled everything up to here; false when it was not sent that. */
  public boolean acknowledge(Subscription subscription, Position position) {
    synchronized (this) {
      if (!subscription.acknowledge(position)) {
        return false;
      }
      unconfirmed = Unconfirmed.without(unconfirmed, subscription.channel(), position);
    }
    report(listener -> listener.onConfirmed(this, subscription.channel(), position));
    return true;
  }

  // What it reads from the log --------------------------------------------------------------------

  /** Takes up reading for one that is behind; 0: nobody has to read now. */
  public int beginReading(Subscription subscription) {
    synchronized (this) {
      return isOpen() && isFree() ? subscription.beginReading() : 0;
    }
  }

  /**
   * Begins anew for a subscribe with a position; the number goes with the page. What waits in the
   * queue is read again, so until that page the cursor says what the client was sent.
   */
  public int restart(Subscription subscription) {
    synchronized (this) {
      takeBack(subscription);
      return subscription.restart();
    }
  }

  /**
   * Says where a new subscription begins before its first page is delivered: what is sent of other
   * channels meanwhile may state this position, and if the page cannot be read it is read later
   * from here.
   */
  public void startsAfter(Subscription subscription, Position position) {
    synchronized (this) {
      subscription.startsAfter(position);
    }
  }

  /**
   * Sends nothing of the channel from now on, while it stays registered.
   *
   * @return false when it was parked before
   */
  public boolean park(Subscription subscription) {
    synchronized (this) {
      boolean wasLive = !subscription.isParked();
      subscription.park();
      return wasLive;
    }
  }

  public boolean isParked(Subscription subscription) {
    synchronized (this) {
      return subscription.isParked();
    }
  }

  public void readingFailed(Subscription subscription, int read) {
    synchronized (this) {
      subscription.readingFailed(read);
    }
  }

  /** Announcements may have been lost: whether it has to read. */
  public void suspect(Subscription subscription) {
    synchronized (this) {
      subscription.suspect();
    }
  }

  /** Under the lock: a subscription fell behind. */
  void someBehind() {
    someBehind = true;
  }

  @Override
  boolean anyBehind() {
    if (someBehind) {
      someBehind = false;
      for (Subscription subscription : subscriptions) {
        someBehind |= subscription.isBehind();
      }
    }
    return someBehind;
  }

  // How it ends -----------------------------------------------------------------------------------

  /**
   * The line has gone. Answers what it followed, once: whoever gets it takes it out of the
   * registry.
   */
  public List<Subscription> end() {
    synchronized (this) {
      cut();
      List<Subscription> followed = List.of(subscriptions);
      subscriptions = NONE;
      return followed;
    }
  }
}

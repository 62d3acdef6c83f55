package io.heliograph.session;

import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.History;
import io.heliograph.message.Position;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One connected client: who it is, what it subscribes to, and what it is sent. {@link Answers},
 * {@link LiveDelivery} and {@link LogDelivery} decide what it is sent, and {@link SessionWriter}
 * writes it to the transport.
 *
 * <p>Thread-safe. Its monitor guards the fields below, its subscriptions, its writer and its pings.
 * Neither the transport, nor the listener, nor a broker is called under it. There may be a million
 * sessions, so each field counts, and {@code SessionCostTests} counts the bytes.
 */
public final class Session {

  /** The range of the reconnect delay after the close of a single session. */
  private static final Duration SOON = Duration.ofSeconds(1);

  private final Channel.OneSession channel;
  private final SessionWriter writer;
  private final Pings pings;

  /** In nanoseconds since 1970: an {@link Instant} would be one object more per session. */
  private final long connectedAtNanos;

  /** When its lifetime ends, in monotonic nanoseconds; dithered, so that reconnects are spread. */
  private final long lifetimeEndNanos;

  private volatile Identity identity;

  private StateVersionsSent statesSent = StateVersionsSent.NONE;

  /** The first subscription, which leads to the others; null: there is none. */
  private @Nullable Subscription first;

  public Session(
      Channel.OneSession channel,
      Transport transport,
      SessionContext context,
      Identity identity,
      Instant connectedAt,
      long lifetimeEndNanos) {
    this.channel = channel;
    this.writer = new SessionWriter(this, transport, context);
    this.pings = new Pings(this);
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

  public Transport transport() {
    return writer.transport();
  }

  SessionWriter writer() {
    return writer;
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

  /** Whether the client is alive, and what it is known to have received. */
  public Pings pings() {
    return pings;
  }

  // Subscriptions ---------------------------------------------------------------------------------

  public List<Subscription> subscriptions() {
    synchronized (this) {
      List<Subscription> all = new ArrayList<>();
      for (Subscription each = first; each != null; each = each.next) {
        all.add(each);
      }
      return all;
    }
  }

  /** Null when it is not subscribed to the channel. */
  public @Nullable Subscription subscription(Channel subscribed) {
    synchronized (this) {
      Subscription each = first;
      while (each != null && !each.channel().equals(subscribed)) {
        each = each.next;
      }
      return each;
    }
  }

  /**
   * A new subscription, which is not live before its first page; null when the session is
   * subscribed to the channel already or has ended.
   */
  public @Nullable Subscription subscribe(Channel newChannel) {
    synchronized (this) {
      if (!isOpen() || subscription(newChannel) != null) {
        return null;
      }
      var subscription = new Subscription(this, newChannel);
      if (first == null) {
        first = subscription;
      } else {
        Subscription last = first;
        while (last.next != null) {
          last = last.next;
        }
        last.next = subscription;
      }
      return subscription;
    }
  }

  /** The subscription that ended; null when there was none. */
  public @Nullable Subscription unsubscribe(Channel oldChannel) {
    synchronized (this) {
      Subscription before = null;
      Subscription gone = first;
      while (gone != null && !gone.channel().equals(oldChannel)) {
        before = gone;
        gone = gone.next;
      }
      if (gone == null) {
        return null;
      }
      if (before == null) {
        first = gone.next;
      } else {
        before.next = gone.next;
      }
      gone.next = null;
      return gone;
    }
  }

  /**
   * The client handled everything up to a position.
   *
   * @return false when it was not sent that position
   */
  public boolean acknowledge(Subscription subscription, Position position) {
    synchronized (this) {
      if (!subscription.acknowledge(position)) {
        return false;
      }
    }
    pings.onAcknowledged(subscription.channel(), position);
    return true;
  }

  /** Ends a subscription whose right has expired; false when the right was renewed meanwhile. */
  public boolean unsubscribeExpired(Subscription subscription, Instant now) {
    synchronized (this) {
      Instant end = subscription.expires();
      return end != null && !now.isBefore(end) && unsubscribe(subscription.channel()) != null;
    }
  }

  /** Under the lock: whether a page of the log may be queued. */
  boolean hasRoom() {
    return writer.isOpen() && writer.isFree();
  }

  /** Whether it is the present subscription to its channel, and not one before. */
  boolean isCurrent(Subscription subscription) {
    return subscription(subscription.channel()) == subscription;
  }

  /** Under the lock: whether some subscription is behind. */
  boolean isAnyBehind() {
    Subscription each = first;
    while (each != null && !each.isBehind()) {
      each = each.next;
    }
    return each != null;
  }

  // States that were sent; under the lock ---------------------------------------------------------

  boolean isNews(Channel of, @Nullable StateVersion state) {
    return statesSent.isNews(of, state);
  }

  boolean hasNewerState(ServerEvent answer, @Nullable StateVersion state) {
    return answer instanceof ServerEvent.Subscribed subscribed
        && statesSent.hasNewer(subscribed.channel(), state);
  }

  void remember(ServerEvent answer, @Nullable StateVersion state) {
    if (answer instanceof ServerEvent.Subscribed subscribed) {
      remember(subscribed.channel(), state);
    }
  }

  void remember(Channel of, @Nullable StateVersion state) {
    statesSent = statesSent.and(of, state);
  }

  // Sending ---------------------------------------------------------------------------------------

  /** Sends an answer or notice, behind what is queued already. */
  public void send(ServerEvent event) {
    answer(event);
  }

  /**
   * Sends an answer.
   *
   * @return false when it holds a state and a newer one was sent since that was read; nothing is
   *     sent then, and the state has to be read again
   */
  public boolean answer(ServerEvent event) {
    return Answers.send(this, event);
  }

  /**
   * As {@link #answer(ServerEvent)}, for an answer that states the subscription's position: no
   * message comes between.
   *
   * @param subscription whose start is known
   */
  public boolean answer(Subscription subscription, Function<Position, ServerEvent> answer) {
    return Answers.send(this, subscription, answer);
  }

  /**
   * Sends announced messages of one channel, in order. Those that come next are sent in one write;
   * if one is missing, the subscription is behind.
   */
  public void deliver(Subscription subscription, List<EncodedMessage> announced) {
    LiveDelivery.deliver(this, subscription, announced);
  }

  /**
   * Sends a state that was read where it is stored and not from the log. The client's position does
   * not change.
   *
   * @return false when the session was sent that or a newer one, or cannot be sent it now
   */
  public boolean deliverState(Subscription subscription, Draft current) {
    return LiveDelivery.deliverState(this, subscription, current);
  }

  /**
   * Sends a page of the log that was read.
   *
   * @param read the number of the read
   * @param first what is sent before the messages; null: nothing
   * @return false when {@code first} holds a state that is older than one that was sent; nothing is
   *     done then, and the state has to be read again
   */
  public boolean onPage(
      Subscription subscription, int read, History page, @Nullable ServerEvent first) {
    return new LogDelivery(subscription, page).deliver(read, first);
  }

  /** See {@link ReadAhead}. Without the lock: the result is not used. */
  public int readAhead() {
    int read = writer.isFree() ? 1 : 0;
    return writer.transport() instanceof ReadAhead ahead ? read + ahead.readAhead() : read;
  }

  /** For how long nothing of a write has left; 0 while none is in progress. */
  public long stalledNanos(long nowNanos) {
    return writer.stalledNanos(nowNanos);
  }

  public int queuedBytes() {
    return writer.queuedBytes();
  }

  // Closing ---------------------------------------------------------------------------------------

  public boolean isOpen() {
    return writer.isOpen();
  }

  /** The connection is gone: nothing may be added to the registry for this session. */
  public boolean hasEnded() {
    return writer.hasEnded();
  }

  /** Why this server closes it; null while it does not. */
  public @Nullable CloseReason closing() {
    return writer.closing();
  }

  /**
   * Sends {@code bye} and closes. Messages in the queue are not sent: a client that returns finds
   * them in the log.
   *
   * @param reconnectAfter the hint for a client that may reconnect
   */
  public void close(CloseReason reason, Duration reconnectAfter) {
    writer.close(reason, reconnectAfter);
  }

  /** As {@link #close(CloseReason, Duration)}, for a single session: its client may return soon. */
  public void close(CloseReason reason) {
    long most = SOON.toMillis();
    close(reason, Duration.ofMillis(ThreadLocalRandom.current().nextLong(most + 1)));
  }

  /** Cuts a connection that takes nothing more. */
  public void abort(CloseReason reason) {
    writer.abort(reason);
  }

  /** Closes the session because something in this server failed. */
  public void fail(String what, Throwable failure) {
    writer.fail(what, failure);
  }

  /**
   * The connection has gone.
   *
   * @return its subscriptions, once: the caller that gets them removes them from the registry
   */
  public List<Subscription> end() {
    synchronized (this) {
      writer.end();
      List<Subscription> ended = subscriptions();
      first = null;
      return ended;
    }
  }
}

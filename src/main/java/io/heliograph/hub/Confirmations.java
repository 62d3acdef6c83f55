package io.heliograph.hub;

import io.heliograph.broker.Broker;
import io.heliograph.message.Channel;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import io.heliograph.session.CloseReason;
import io.heliograph.session.Session;
import io.heliograph.session.SessionListener;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Advances a user's delivered mark at the broker once a client is known to have received a message.
 * A completed write is not enough: the network also accepts data for clients that are gone, and the
 * user's next session would then miss the message.
 *
 * <p>Clients that acknowledge need no extra traffic. Others get a ping after a message, at once
 * after an idle period and otherwise once a second.
 */
final class Confirmations implements SessionListener {

  private static final long INTERVAL_NANOS = Duration.ofSeconds(1).toNanos();

  private final Broker broker;

  /** Sessions with messages to confirm whose clients do not acknowledge. */
  private final Set<Session> awaited = ConcurrentHashMap.newKeySet();

  private long nextNanos;

  Confirmations(Broker broker, long nowNanos) {
    this.broker = broker;
    this.nextNanos = nowNanos + INTERVAL_NANOS;
  }

  @Override
  public void onWritten(Session session, Message message, boolean live) {
    if (message.channel() instanceof Channel.User
        && session.pings().onWritten(message.channel(), message.position())
        && awaited.add(session)
        && session.pings().isPingNeeded()) {
      session.pings().ping();
    }
  }

  @Override
  public void onConfirmed(Session session, Channel channel, Position position) {
    confirm(channel, position);
  }

  /** The user's sessions are known to have everything up to here. */
  void confirm(Channel channel, Position position) {
    if (channel instanceof Channel.User) {
      broker.markDelivered(channel, position);
    }
  }

  @Override
  public void onEnded(Session session, CloseReason reason) {
    awaited.remove(session);
  }

  /** Called a few times a second. */
  @SuppressWarnings("ModifyCollectionInEnhancedForLoop") // a concurrent set
  void tick(long nowNanos) {
    if (nowNanos - nextNanos < 0) {
      return;
    }
    nextNanos = nowNanos + INTERVAL_NANOS;
    for (Session session : awaited) {
      if (session.pings().isPingNeeded()) {
        session.pings().ping();
      } else if (session.pings().isConfirmed()) {
        awaited.remove(session);
      }
    }
  }
}

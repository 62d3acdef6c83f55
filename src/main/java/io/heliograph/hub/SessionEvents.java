package io.heliograph.hub;

import io.heliograph.concurrent.Background;
import io.heliograph.message.Channel;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import io.heliograph.session.CloseReason;
import io.heliograph.session.Identity;
import io.heliograph.session.Session;
import io.heliograph.session.SessionListener;
import io.heliograph.session.Subscription;
import java.util.Arrays;

/**
 * Passes what happens to the sessions of this node on to each listener, in the order in which they
 * were added: the hub's own parts, such as metrics and confirmations, and beans of other packages.
 */
public final class SessionEvents implements SessionListener {

  /** An array, because it is walked for each copy of a message. Replaced when one is added. */
  private volatile SessionListener[] listeners = {};

  public synchronized void add(SessionListener listener) {
    SessionListener[] more = Arrays.copyOf(listeners, listeners.length + 1);
    more[listeners.length] = listener;
    listeners = more;
  }

  // Called by the hub. What a listener throws is logged, and the others are called nevertheless
  // -----

  @Override
  public void onConnected(Session session) {
    for (SessionListener each : listeners) {
      Background.run("A session's listener", () -> each.onConnected(session));
    }
  }

  @Override
  public void onEnded(Session session, CloseReason reason) {
    for (SessionListener each : listeners) {
      Background.run("A session's listener", () -> each.onEnded(session, reason));
    }
  }

  @Override
  public void onTransportChanged(Session session) {
    for (SessionListener each : listeners) {
      Background.run("A session's listener", () -> each.onTransportChanged(session));
    }
  }

  @Override
  public void onIdentityChanged(Session session, Identity before) {
    for (SessionListener each : listeners) {
      Background.run("A session's listener", () -> each.onIdentityChanged(session, before));
    }
  }

  @Override
  public void onSubscribed(Subscription subscription) {
    for (SessionListener each : listeners) {
      Background.run("A session's listener", () -> each.onSubscribed(subscription));
    }
  }

  @Override
  public void onUnsubscribed(Subscription subscription) {
    for (SessionListener each : listeners) {
      Background.run("A session's listener", () -> each.onUnsubscribed(subscription));
    }
  }

  @Override
  public void onAcknowledged(Subscription subscription, Position position) {
    for (SessionListener each : listeners) {
      Background.run("A session's listener", () -> each.onAcknowledged(subscription, position));
    }
  }

  // Called by the session, which ends if a listener throws
  // ------------------------------------------

  @Override
  public void onWritten(Session session, Message message, boolean live) {
    for (SessionListener each : listeners) {
      each.onWritten(session, message, live);
    }
  }

  @Override
  public void onConfirmed(Session session, Channel channel, Position position) {
    for (SessionListener each : listeners) {
      each.onConfirmed(session, channel, position);
    }
  }

  @Override
  public void onRoom(Session session) {
    for (SessionListener each : listeners) {
      each.onRoom(session);
    }
  }

  @Override
  public void onPending(Session session) {
    for (SessionListener each : listeners) {
      each.onPending(session);
    }
  }

  @Override
  public void onOverflow(Session session) {
    for (SessionListener each : listeners) {
      each.onOverflow(session);
    }
  }

  @Override
  public void onUnsendable(Session session, Message message, Throwable refusal) {
    for (SessionListener each : listeners) {
      each.onUnsendable(session, message, refusal);
    }
  }
}

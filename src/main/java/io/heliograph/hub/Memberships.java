package io.heliograph.hub;

import io.heliograph.broker.Broker;
import io.heliograph.concurrent.Background;
import io.heliograph.message.Channel;
import io.heliograph.session.SessionListener;
import io.heliograph.session.SessionRegistry;
import io.heliograph.session.Subscription;
import java.util.concurrent.CompletableFuture;

/**
 * Registers subscriptions on this node, and the node at the broker: it subscribes there for a
 * channel's first subscription here and unsubscribes after the last.
 */
final class Memberships {

  private final Broker broker;
  private final SessionRegistry registry;
  private final StatefulChannels states;
  private final SessionListener events;

  Memberships(
      Broker broker, SessionRegistry registry, StatefulChannels states, SessionListener events) {
    this.broker = broker;
    this.registry = registry;
    this.states = states;
    this.events = events;
  }

  /** Completes when what is announced reaches the subscription. */
  CompletableFuture<Void> join(Subscription subscription) {
    CompletableFuture<Void> ready = registry.join(subscription, this::first);
    events.onSubscribed(subscription);
    if (subscription.hasEnded()) {
      // It ended while it joined, and its removal may have run before the join.
      leave(subscription);
    }
    return ready;
  }

  /** Subscribes at the broker again if that failed before. */
  CompletableFuture<Void> retry(Channel channel) {
    return Background.attempt(() -> registry.retry(channel, broker::subscribe));
  }

  void leave(Subscription subscription) {
    if (registry.leave(subscription, this::last)) {
      events.onUnsubscribed(subscription);
    }
  }

  private CompletableFuture<Void> first(Channel channel) {
    ChannelStates stateful = states.of(channel);
    if (stateful != null) {
      stateful.onSubscribed(channel, true);
    }
    return Background.attempt(() -> broker.subscribe(channel));
  }

  private void last(Channel channel) {
    ChannelStates stateful = states.of(channel);
    if (stateful != null) {
      stateful.onSubscribed(channel, false);
    }
    Background.run("Unsubscribing from a channel", () -> broker.unsubscribe(channel));
  }
}

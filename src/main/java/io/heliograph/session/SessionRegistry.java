package io.heliograph.session;

import io.heliograph.message.Channel;
import java.util.Collection;
import java.util.Collections;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of this node and the subscriptions to each channel: the last look-up before a
 * message is written. It knows no other node, but reports the <em>first</em> subscription to a
 * channel here and the end of the <em>last</em>. The broker is asked to subscribe and unsubscribe
 * inside the map's {@code compute}, so that subscriptions here and at the broker change in one
 * order. The broker's subscription is the cluster's registry.
 */
public final class SessionRegistry {

  private static final Subscription[] NONE = {};

  private final ConcurrentHashMap<String, Session> sessionsById = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Channel, Subscribers> subscribersByChannel =
      new ConcurrentHashMap<>();

  public void add(Session session) {
    sessionsById.put(session.id(), session);
  }

  /** False when it had been removed before. */
  public boolean remove(Session session) {
    return sessionsById.remove(session.id(), session);
  }

  public @Nullable Session session(String id) {
    return sessionsById.get(id);
  }

  /** A live view, in an order that does not change while sessions come and go. */
  public Collection<Session> sessions() {
    return Collections.unmodifiableCollection(sessionsById.values());
  }

  public int size() {
    return sessionsById.size();
  }

  /** The number of channels with subscribers here. */
  public int channels() {
    return subscribersByChannel.size();
  }

  /**
   * @param first called when the channel had no subscriber here; must not block
   * @return completes when the broker has confirmed the channel; what is announced after that
   *     reaches the subscription
   */
  public CompletableFuture<Void> join(
      Subscription subscription, Function<Channel, CompletableFuture<Void>> first) {
    Subscribers joined =
        subscribersByChannel.compute(
            subscription.channel(),
            (channel, subscribers) -> {
              Subscribers present = subscribers;
              // If the broker refused the channel before, each new subscriber tries again.
              if (present == null || present.ready().isCompletedExceptionally()) {
                CompletableFuture<Void> ready = first.apply(channel);
                present = present == null ? new Subscribers(ready) : present.renewed(ready);
              }
              present.add(subscription);
              return present;
            });
    return joined.ready();
  }

  /**
   * Tries again to subscribe at the broker when that has failed: until then nothing that is
   * announced reaches the channel's subscribers here.
   *
   * @param first as in {@link #join}; called only if it failed before and there are subscribers
   * @return completes when the broker has confirmed the channel
   */
  public CompletableFuture<Void> retry(
      Channel channel, Function<Channel, CompletableFuture<Void>> first) {
    Subscribers subscribers = subscribersByChannel.get(channel);
    if (subscribers != null && subscribers.ready().isCompletedExceptionally()) {
      subscribers =
          subscribersByChannel.computeIfPresent(
              channel,
              (_, present) ->
                  present.ready().isCompletedExceptionally()
                      ? present.renewed(first.apply(channel))
                      : present);
    }
    return subscribers == null ? CompletableFuture.completedFuture(null) : subscribers.ready();
  }

  /**
   * @param last called when the channel has no subscriber here any more; must not block
   * @return false when the subscription had left before
   */
  public boolean leave(Subscription subscription, Consumer<Channel> last) {
    boolean[] left = {false};
    subscribersByChannel.computeIfPresent(
        subscription.channel(),
        (channel, subscribers) -> {
          left[0] = subscribers.remove(subscription);
          if (left[0] && subscribers.size() == 0) {
            last.accept(channel);
            return null;
          }
          return subscribers;
        });
    return left[0];
  }

  /** A snapshot; must not be changed. */
  public Subscription[] subscribers(Channel channel) {
    Subscribers subscribers = subscribersByChannel.get(channel);
    return subscribers == null ? NONE : subscribers.snapshot();
  }

  public int subscriberCount(Channel channel) {
    Subscribers subscribers = subscribersByChannel.get(channel);
    return subscribers == null ? 0 : subscribers.size();
  }
}

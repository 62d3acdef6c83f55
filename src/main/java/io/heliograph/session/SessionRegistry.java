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
 * Who is on this node, and who of them follows what: the last look-up before a message is written.
 * It knows nothing of the cluster, but tells who was the <em>first</em> to follow a channel here
 * and who the <em>last</em>, and that is the cluster's registry: the broker is asked to subscribe
 * and unsubscribe inside the map's {@code compute}, so that for each channel membership and
 * subscription change in one order.
 */
public final class SessionRegistry {

  private static final Subscription[] NONE = {};

  private final ConcurrentHashMap<String, Session> sessionsById = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Channel, Subscribers> followersByChannel =
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

  /** How many channels have followers here. */
  public int channels() {
    return followersByChannel.size();
  }

  /**
   * @param first called when nobody followed the channel here; must not block
   * @return done when the node hears the channel; what is announced after that reaches the
   *     subscription
   */
  public CompletableFuture<Void> join(
      Subscription subscription, Function<Channel, CompletableFuture<Void>> first) {
    Subscribers joined =
        followersByChannel.compute(
            subscription.channel(),
            (channel, followers) -> {
              Subscribers present = followers;
              // One that could not be subscribed at the broker is tried again by the next to come.
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
   * Tries again what failed when the channel's first follower came: until then the node is deaf to
   * a channel that somebody here follows.
   *
   * @param first as in {@link #join}; called only if it failed before and somebody follows still
   * @return done when the node hears the channel
   */
  public CompletableFuture<Void> hear(
      Channel channel, Function<Channel, CompletableFuture<Void>> first) {
    Subscribers followers = followersByChannel.get(channel);
    if (followers != null && followers.ready().isCompletedExceptionally()) {
      followers =
          followersByChannel.computeIfPresent(
              channel,
              (_, present) ->
                  present.ready().isCompletedExceptionally()
                      ? present.renewed(first.apply(channel))
                      : present);
    }
    return followers == null ? CompletableFuture.completedFuture(null) : followers.ready();
  }

  /**
   * @param last called when nobody follows the channel here any more; must not block
   * @return false when it had left before
   */
  public boolean leave(Subscription subscription, Consumer<Channel> last) {
    boolean[] left = {false};
    followersByChannel.computeIfPresent(
        subscription.channel(),
        (channel, followers) -> {
          left[0] = followers.remove(subscription);
          if (left[0] && followers.size() == 0) {
            last.accept(channel);
            return null;
          }
          return followers;
        });
    return left[0];
  }

  /** A snapshot; not to be changed. */
  public Subscription[] followers(Channel channel) {
    Subscribers followers = followersByChannel.get(channel);
    return followers == null ? NONE : followers.snapshot();
  }

  public int followerCount(Channel channel) {
    Subscribers followers = followersByChannel.get(channel);
    return followers == null ? 0 : followers.size();
  }

  /** The channels that somebody here follows; a live view. */
  public Iterable<Channel> followedChannels() {
    return Collections.unmodifiableSet(followersByChannel.keySet());
  }
}

package io.heliograph.hub;

import io.heliograph.message.Channel;
import io.heliograph.session.Session;
import io.heliograph.session.StateVersion;
import io.heliograph.session.Subscription;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The channels that have a state, with the rules of all {@link ChannelStates}. */
final class StatefulChannels implements StateVersion.Reader {

  private final List<ChannelStates> kinds;

  StatefulChannels(List<ChannelStates> kinds) {
    this.kinds = List.copyOf(kinds);
  }

  /** Null when the channel has no state. */
  @Nullable ChannelStates of(Channel channel) {
    // By index, because this runs for each copy of a message: an iterator would be garbage.
    for (int i = 0; i < kinds.size(); i++) {
      if (kinds.get(i).cover(channel)) {
        return kinds.get(i);
      }
    }
    return null;
  }

  boolean have(Channel channel) {
    return of(channel) != null;
  }

  @Override
  public @Nullable StateVersion read(Channel channel, String json) {
    ChannelStates states = of(channel);
    return states == null ? null : states.version(json);
  }

  /** Whether no state follows this one. */
  boolean isFinal(Channel channel, @Nullable String state) {
    StateVersion version = state == null ? null : read(channel, state);
    return version != null && version.last();
  }

  /**
   * The rules under which a session has no room for one more such channel; null: it has room, or is
   * subscribed already.
   */
  @Nullable ChannelStates fullFor(Session session, Channel channel) {
    ChannelStates states = of(channel);
    if (states == null || session.subscription(channel) != null) {
      return null;
    }
    long present =
        session.subscriptions().stream().filter(each -> states.cover(each.channel())).count();
    return present >= states.maxPerSession() ? states : null;
  }

  /**
   * The session whose subscription has to end before one more begins; null: none has.
   *
   * @param present the channel's subscribers on this node
   */
  @Nullable Session toReplace(Session newest, Channel channel, Subscription[] present) {
    ChannelStates states = of(channel);
    if (states == null) {
      return null;
    }
    Session oldest = null;
    int others = 0;
    for (Subscription subscription : present) {
      Session session = subscription.session();
      if (session != newest && session.isOpen()) {
        others++;
        if (oldest == null || session.connectedAt().isBefore(oldest.connectedAt())) {
          oldest = session;
        }
      }
    }
    return others >= states.maxSubscribers() ? oldest : null;
  }
}

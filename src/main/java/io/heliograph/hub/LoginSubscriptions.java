package io.heliograph.hub;

import io.heliograph.message.Channel;
import io.heliograph.session.Session;
import io.heliograph.session.StateVersion;
import io.heliograph.session.Subscription;
import java.util.Collections;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The rules of subscriptions to logins: few sessions per login, few logins per session, and the
 * subscription ends with the final state.
 */
final class LoginSubscriptions {

  static final int MAX_LOGINS_PER_SESSION = 4;
  static final int MAX_SESSIONS_PER_LOGIN = 3;

  private volatile Function<String, @Nullable StateVersion> reader = _ -> null;

  /** The logins with subscribers on this node. */
  private final Set<Channel.Login> followed = ConcurrentHashMap.newKeySet();

  /** Set once, by the login package, which knows the form of a state. */
  void read(Function<String, @Nullable StateVersion> marks) {
    reader = marks;
  }

  /** The version of a state; null on other channels and for a text that is not a login's state. */
  @Nullable StateVersion mark(Channel channel, String json) {
    return channel instanceof Channel.Login ? reader.apply(json) : null;
  }

  void followed(Channel channel) {
    if (channel instanceof Channel.Login login) {
      followed.add(login);
    }
  }

  void left(Channel channel) {
    if (channel instanceof Channel.Login login) {
      followed.remove(login);
    }
  }

  /** A live view. */
  Set<Channel.Login> followed() {
    return Collections.unmodifiableSet(followed);
  }

  static boolean hasRoomFor(Session session, Channel channel) {
    return !(channel instanceof Channel.Login)
        || session.subscription(channel) != null
        || session.subscriptions().stream()
                .filter(s -> s.channel() instanceof Channel.Login)
                .count()
            < MAX_LOGINS_PER_SESSION;
  }

  /**
   * The session whose subscription must end before one more can begin.
   *
   * @param present the current subscribers of the login
   */
  static @Nullable Session toDisplaceFor(Session newest, Subscription[] present) {
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
    return others >= MAX_SESSIONS_PER_LOGIN ? oldest : null;
  }

  /** Whether this state is final. */
  boolean endsWith(Channel channel, @Nullable String state) {
    StateVersion mark = state == null ? null : mark(channel, state);
    return mark != null && mark.last();
  }
}

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
 * What is particular about following a login: few may, each follows few, and the last state is the
 * end of it.
 */
final class LoginFollowers {

  static final int MAX_LOGINS_PER_SESSION = 4;
  static final int MAX_SESSIONS_PER_LOGIN = 3;

  private volatile Function<String, @Nullable StateVersion> reader = _ -> null;

  /** The logins that somebody here follows. */
  private final Set<Channel.Login> followed = ConcurrentHashMap.newKeySet();

  /** Set once, by who knows what a state means. */
  void read(Function<String, @Nullable StateVersion> marks) {
    reader = marks;
  }

  /** Null on other channels, and when the text is no login's state. */
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
   * Who has to go before one more session can follow.
   *
   * @param present who follows the login now
   */
  static @Nullable Session supernumerary(Session comer, Subscription[] present) {
    Session oldest = null;
    int others = 0;
    for (Subscription subscription : present) {
      Session session = subscription.session();
      if (session != comer && session.isOpen()) {
        others++;
        if (oldest == null || session.connectedAt().isBefore(oldest.connectedAt())) {
          oldest = session;
        }
      }
    }
    return others >= MAX_SESSIONS_PER_LOGIN ? oldest : null;
  }

  /** Whether nothing comes after this state. */
  boolean endsWith(Channel channel, @Nullable String state) {
    StateVersion mark = state == null ? null : mark(channel, state);
    return mark != null && mark.last();
  }
}

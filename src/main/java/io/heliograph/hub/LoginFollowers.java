package io.heliograph.hub;

import io.heliograph.message.Channel;
import io.heliograph.session.Session;
import io.heliograph.session.Subscription;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is particular about following a login: few may, each follows few, and the last state is the
 * end of it.
 */
final class LoginFollowers {

  static final int MAX_LOGINS_PER_SESSION = 4;
  static final int MAX_SESSIONS_PER_LOGIN = 3;

  private volatile Predicate<String> last = _ -> false;

  /** Set once, by who knows what a state means. */
  void endAfter(Predicate<String> isLast) {
    last = isLast;
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
    return channel instanceof Channel.Login && state != null && last.test(state);
  }
}

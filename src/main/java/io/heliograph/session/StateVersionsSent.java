package io.heliograph.session;

import io.heliograph.message.Channel;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The newest version that was sent to a session of each state, also after its subscription ended:
 * an answer that was long on its way must not bring an older one. Guarded by the session's lock.
 */
final class StateVersionsSent {

  /** Far more than a session subscribes to at a time; answers are not under way for that long. */
  static final int MOST = 32;

  private final Map<Channel, Long> versionsByChannel = new LinkedHashMap<>();

  /** Shared by the sessions that were never sent a state, which are most. */
  static final StateVersionsSent NONE = new StateVersionsSent();

  private StateVersionsSent() {}

  /** Whether to send it. A message without a state is always news. */
  boolean isNews(Channel channel, @Nullable StateVersion state) {
    Long sent = versionsByChannel.get(channel);
    return state == null || sent == null || state.version() > sent;
  }

  boolean hasNewer(Channel channel, @Nullable StateVersion state) {
    Long sent = versionsByChannel.get(channel);
    return state != null && sent != null && state.version() < sent;
  }

  /** These and one more: this object itself, unless it is the shared one. */
  StateVersionsSent and(Channel channel, @Nullable StateVersion state) {
    if (state == null) {
      return this;
    }
    StateVersionsSent sent = this == NONE ? new StateVersionsSent() : this;
    sent.add(channel, state);
    return sent;
  }

  private void add(Channel channel, StateVersion state) {
    versionsByChannel.remove(channel);
    versionsByChannel.put(channel, state.version());
    if (versionsByChannel.size() > MOST) {
      versionsByChannel.remove(versionsByChannel.keySet().iterator().next());
    }
  }
}

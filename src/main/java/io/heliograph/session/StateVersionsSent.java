package io.heliograph.session;

import io.heliograph.message.Channel;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The newest state that a session's line was given of each channel that has states, also after
 * following it ended: an answer that was long on its way must not tell an older one. Guarded by the
 * session's lock.
 */
final class StateVersionsSent {

  /** Far more than a session follows at a time; of the oldest nothing is on its way any more. */
  static final int MOST = 32;

  private final Map<Channel, Long> versionsByChannel = new LinkedHashMap<>();

  /** Most sessions are never told a state, and share this one. */
  static final StateVersionsSent NONE = new StateVersionsSent();

  private StateVersionsSent() {}

  /** Whether to tell it. What is no state is always news. */
  boolean isNews(Channel channel, @Nullable StateVersion mark) {
    Long told = versionsByChannel.get(channel);
    return mark == null || told == null || mark.version() > told;
  }

  boolean isOlder(Channel channel, @Nullable StateVersion mark) {
    Long told = versionsByChannel.get(channel);
    return mark != null && told != null && mark.version() < told;
  }

  /** What holds it too: this one, unless it is the shared one. */
  StateVersionsSent and(Channel channel, @Nullable StateVersion mark) {
    if (mark == null) {
      return this;
    }
    StateVersionsSent told = this == NONE ? new StateVersionsSent() : this;
    told.add(channel, mark);
    return told;
  }

  private void add(Channel channel, StateVersion mark) {
    versionsByChannel.remove(channel);
    versionsByChannel.put(channel, mark.version());
    if (versionsByChannel.size() > MOST) {
      versionsByChannel.remove(versionsByChannel.keySet().iterator().next());
    }
  }
}

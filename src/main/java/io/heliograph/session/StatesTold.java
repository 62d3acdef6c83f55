package io.heliograph.session;

import io.heliograph.message.Channel;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The newest state that a session's line was given of each channel that has states, also after
 * following it ended: an answer that was long on its way must not tell an older one. Guarded by the
 * session's lock.
 */
final class StatesTold {

  /** Far more than a session follows at a time; of the oldest nothing is on its way any more. */
  static final int MOST = 32;

  private final Map<Channel, Long> versionsByChannel = new LinkedHashMap<>();

  boolean isNewer(Channel channel, StateMark mark) {
    Long told = versionsByChannel.get(channel);
    return told == null || mark.version() > told;
  }

  boolean isOlder(Channel channel, StateMark mark) {
    Long told = versionsByChannel.get(channel);
    return told != null && mark.version() < told;
  }

  void told(Channel channel, StateMark mark) {
    versionsByChannel.remove(channel);
    versionsByChannel.put(channel, mark.version());
    if (versionsByChannel.size() > MOST) {
      versionsByChannel.remove(versionsByChannel.keySet().iterator().next());
    }
  }
}

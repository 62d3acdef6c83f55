package io.heliograph.broker.redis;

import io.heliograph.message.Channel;
import org.jspecify.annotations.Nullable;

/**
 * Names of keys and pub/sub channels. The channel is in braces, Redis Cluster's hash tag, so all
 * keys of a channel are on one server. A channel cannot contain a brace, so it cannot escape its
 * name.
 */
record RedisNames(String prefix) {

  String announcements(Channel channel) {
    return prefix + ":{" + channel.text() + '}';
  }

  String[] log(Channel channel) {
    String base = announcements(channel);
    return new String[] {base + ":log", base + ":messages", base + ":keys"};
  }

  /** The keys of the log, and the one that remembers a draft. */
  String[] log(Channel channel, @Nullable String once) {
    String[] log = log(channel);
    return once == null
        ? log
        : new String[] {log[0], log[1], log[2], announcements(channel) + ":once:" + once};
  }

  /**
   * The nodes' leases: names scored by the ms at which each ends. Same hash tag as the following
   * names.
   */
  String leases() {
    return prefix + ":{nodes}:leases";
  }

  /** The generation of the data: gone when Redis was flushed. */
  String generation() {
    return prefix + ":{nodes}:generation";
  }

  /** The pub/sub channel of all nodes. It cannot be a channel's, which would be {@code kind:id}. */
  String allNodes() {
    return prefix + ":{nodes}:all";
  }

  /** The pub/sub channel of one node. */
  String node(String node) {
    return prefix + ":{nodes}:one:" + node;
  }

  /** The channel of an announcement; null when the name is not one of ours. */
  @Nullable Channel announced(String name) {
    int begin = prefix.length() + 2;
    if (name.length() <= begin
        || !name.startsWith(":{", prefix.length())
        || !name.startsWith(prefix)
        || !name.endsWith("}")) {
      return null;
    }
    try {
      return Channel.parse(name.substring(begin, name.length() - 1));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}

package io.heliograph.broker.redis;

import io.heliograph.message.Channel;
import io.heliograph.redis.RedisNamespace;
import org.jspecify.annotations.Nullable;

/**
 * Names of keys and pub/sub channels. All names of a channel have the same tag, so that Redis
 * Cluster stores them on one server. A channel cannot contain a brace, so it cannot escape its
 * name.
 */
record RedisNames(RedisNamespace namespace) {

  String announcements(Channel channel) {
    return namespace.tagged(channel.text());
  }

  String[] log(Channel channel) {
    return new String[] {
      beside(channel, "log"), beside(channel, "messages"), beside(channel, "keys")
    };
  }

  /** The keys of the log, and the one that remembers a draft. */
  String[] log(Channel channel, @Nullable String once) {
    String[] log = log(channel);
    return once == null
        ? log
        : new String[] {log[0], log[1], log[2], beside(channel, "once:" + once)};
  }

  /** The key of a value that is stored beside a channel's log. */
  String beside(Channel channel, String name) {
    return announcements(channel) + ':' + name;
  }

  /** The nodes' leases: names scored by the ms at which each ends. */
  String leases() {
    return nodes() + ":leases";
  }

  /** The generation of the data: gone when Redis was flushed. */
  String generation() {
    return nodes() + ":generation";
  }

  /** The pub/sub channel of all nodes. It cannot be a channel's, which would be {@code kind:id}. */
  String allNodes() {
    return nodes() + ":all";
  }

  /** The pub/sub channel of one node. */
  String node(String node) {
    return nodes() + ":one:" + node;
  }

  private String nodes() {
    return namespace.tagged("nodes");
  }

  /** The channel of an announcement; null when the name is not one of ours. */
  @Nullable Channel announced(String name) {
    String begin = namespace.prefix() + ":{";
    if (!name.startsWith(begin) || !name.endsWith("}")) {
      return null;
    }
    try {
      return Channel.parse(name.substring(begin.length(), name.length() - 1));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}

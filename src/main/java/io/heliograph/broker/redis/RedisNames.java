package io.heliograph.broker.redis;

import io.heliograph.message.Channel;
import org.jspecify.annotations.Nullable;

/**
 * What a channel's keys and its announcements are called. The channel stands in braces, Redis
 * Cluster's hash tag, so all that belongs to it lies on one server; it cannot hold a brace itself,
 * so it breaks out of no name.
 */
record RedisNames(String prefix) {

  String announcements(Channel channel) {
    return prefix + ":{" + channel.text() + '}';
  }

  String[] log(Channel channel) {
    String base = announcements(channel);
    return new String[] {base + ":log", base + ":messages", base + ":keys"};
  }

  /** The log's keys and the one that remembers a draft. */
  String[] log(Channel channel, @Nullable String once) {
    String[] log = log(channel);
    return once == null
        ? log
        : new String[] {log[0], log[1], log[2], announcements(channel) + ":once:" + once};
  }

  /** Nodes' leases, name by the millisecond at which each ends. One hash tag with what follows. */
  String leases() {
    return prefix + ":{nodes}:leases";
  }

  /** The generation of the data: gone when Redis was flushed. */
  String generation() {
    return prefix + ":{nodes}:generation";
  }

  /** Where all nodes are told. No channel is called so: it would be {@code kind:id}. */
  String allNodes() {
    return prefix + ":{nodes}:all";
  }

  /** Where one node is told. */
  String node(String node) {
    return prefix + ":{nodes}:one:" + node;
  }

  /** Null: none of ours. */
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
